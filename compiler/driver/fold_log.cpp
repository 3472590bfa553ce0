#include "driver/fold_log.h"

namespace sx::driver {

namespace {

std::string hex(std::span<const std::uint8_t> bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string target_name(const ir::Module& module, const ir::Relocation& relocation) {
  using Kind = ir::Relocation::Kind;
  const std::uint32_t id = relocation.target;
  switch (relocation.kind) {
  case Kind::Object: return "object " + std::to_string(id);
  case Kind::Global:
    return "global " + (id < module.globals.size() ? std::string(module.text(module.globals[id].symbol)) : "?");
  case Kind::Function:
    return "function " + (id < module.functions.size() ? std::string(module.text(module.functions[id].symbol)) : "?");
  case Kind::Extern:
    return "extern " + (id < module.externs.size() ? std::string(module.text(module.externs[id].symbol)) : "?");
  case Kind::Frame: return "frame " + std::to_string(id);
  case Kind::Data: {
    if (id >= module.data.size())
      return "data ?";
    const std::string& bytes = module.data[id];
    return "data " + hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  }
  }
  return "?";
}

} // namespace

std::string print_fold(const ir::Module& module, const Fold& fold) {
  std::string out = "fold " + fold.site + " : " + fold.type + "\n";
  for (std::size_t i = 0; i < fold.image.objects.size(); ++i) {
    const ir::ImageObject& object = fold.image.objects[i];
    out += "  object " + std::to_string(i) + " align " + std::to_string(object.align) + " size " +
           std::to_string(object.bytes.size()) + "\n";
    for (std::size_t at = 0; at < object.bytes.size(); at += 32) {
      const std::size_t count = std::min<std::size_t>(32, object.bytes.size() - at);
      out += "    " + hex({object.bytes.data() + at, count}) + "\n";
    }
    for (const ir::Relocation& relocation : object.relocations)
      out += "    +" + std::to_string(relocation.offset) + " -> " + target_name(module, relocation) + " + " +
             std::to_string(relocation.addend) + "\n";
  }
  return out;
}

std::string print_folds(const ir::Module& module, const FoldLog& folds) {
  std::string out;
  for (const Fold& fold : folds)
    out += print_fold(module, fold);
  return out;
}

} // namespace sx::driver
