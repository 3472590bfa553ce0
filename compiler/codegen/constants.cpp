// Data, trace frames and fold images: the constants of the binary. Every byte comes from an image or from a constant
// node; there is no evaluation here.

#include "codegen/module_emitter.h"

#include <algorithm>
#include <llvm/IR/Constants.h>

namespace sx::codegen {

namespace {

constexpr unsigned length_bits = 64;

llvm::GlobalVariable* private_constant(llvm::Module& out, llvm::Constant* value, const llvm::Twine& name) {
  auto* made = new llvm::GlobalVariable(out, value->getType(), true, llvm::GlobalValue::PrivateLinkage, value, name);
  made->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
  return made;
}

/// Splits an object into runs of plain bytes and relocated words; calls `bytes(begin, end)` and `word(relocation)`.
template <class Bytes, class Word>
void for_each_piece(const ir::ImageObject& object, std::uint32_t pointer_bytes, Bytes&& bytes, Word&& word) {
  std::uint64_t at = 0;
  for (const ir::Relocation& relocation : object.relocations) {
    if (relocation.offset > at)
      bytes(at, relocation.offset);
    word(relocation);
    at = relocation.offset + pointer_bytes;
  }
  if (at < object.bytes.size() || object.relocations.empty())
    bytes(at, object.bytes.size());
}

llvm::Type* object_type(const TypeLowering& types, llvm::LLVMContext& context, const ir::ImageObject& object,
                        std::uint32_t pointer_bytes) {
  if (object.relocations.empty())
    return types.bytes(object.bytes.size());
  llvm::SmallVector<llvm::Type*, 8> pieces;
  for_each_piece(
      object, pointer_bytes,
      [&](std::uint64_t begin, std::uint64_t end) { pieces.push_back(types.bytes(end - begin)); },
      [&](const ir::Relocation&) { pieces.push_back(llvm::PointerType::get(context, 0)); });
  return llvm::StructType::get(context, pieces, /*isPacked=*/true);
}

llvm::Constant* plain_bytes(llvm::LLVMContext& context, const TypeLowering& types, const ir::ImageObject& object,
                            std::uint64_t begin, std::uint64_t end) {
  const auto first = object.bytes.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto last = object.bytes.begin() + static_cast<std::ptrdiff_t>(end);
  if (std::all_of(first, last, [](std::uint8_t byte) { return byte == 0; }))
    return llvm::ConstantAggregateZero::get(types.bytes(end - begin));
  return llvm::ConstantDataArray::get(context, llvm::ArrayRef(object.bytes.data() + begin, end - begin));
}

} // namespace

llvm::StructType* ModuleEmitter::string_type() {
  return llvm::StructType::get(context(), {pointer_type(), int_type(length_bits)});
}

llvm::Constant* ModuleEmitter::text(std::string_view bytes) {
  const auto [entry, is_new] = texts_.try_emplace(std::string(bytes), nullptr);
  if (is_new)
    entry->second = private_constant(out_, llvm::ConstantDataArray::getString(context(), ref(bytes)), "sx.text");
  return entry->second;
}

llvm::Constant* ModuleEmitter::string(std::string_view bytes) {
  return llvm::ConstantStruct::get(string_type(),
                                   {text(bytes), llvm::ConstantInt::get(int_type(length_bits), bytes.size())});
}

void ModuleEmitter::emit_data(const Reachable& reached) {
  for (const ir::DataId id : reached.data) {
    const std::string& bytes = module_.data[id.index()];
    auto* made = private_constant(out_, llvm::ConstantDataArray::getString(context(), bytes), "sx.data");
    made->setAlignment(llvm::Align(1));
    data_.emplace(id.value, made);
  }
}

void ModuleEmitter::emit_frames(const Reachable& reached) {
  // The record of R6.133; natural layout gives its offsets on both targets.
  auto* record =
      llvm::StructType::get(context(), {string_type(), int_type(32), int_type(32), string_type(), string_type()});
  for (const ir::FrameId id : reached.frames) {
    const ir::TraceFrame& frame = module_.frames[id.index()];
    llvm::Constant* members[] = {string(module_.text(frame.file)),
                                 llvm::ConstantInt::getSigned(int_type(32), frame.line),
                                 llvm::ConstantInt::getSigned(int_type(32), frame.column),
                                 string(module_.text(frame.function)), string(module_.text(frame.line_text))};
    auto* made = private_constant(out_, llvm::ConstantStruct::get(record, members), "sx.frame");
    made->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::None);
    made->setAlignment(llvm::Align(8));
    frames_.emplace(id.value, made);
  }
}

void ModuleEmitter::declare_globals(const Reachable& reached) {
  const auto declare = [&](llvm::Type* type, const ir::Global& row, bool exported, llvm::Align align,
                           const llvm::Twine& name) {
    auto* made = new llvm::GlobalVariable(
        out_, type, row.is_constant, exported ? llvm::GlobalValue::ExternalLinkage : llvm::GlobalValue::InternalLinkage,
        llvm::Constant::getNullValue(type), name);
    made->setAlignment(align);
    return made;
  };
  for (const ir::GlobalId id : reached.globals) {
    const ir::Global& row = module_.global(id);
    const std::string symbol(module_.text(row.symbol));
    const bool exported = row.linkage == ir::Linkage::Export;
    const llvm::Align align = types_.align(row.type);
    if (!row.image) {
      globals_.emplace(id.value, declare(types_.bytes(types_.size(row.type)), row, exported, align, symbol));
      continue;
    }
    for (std::uint32_t number = 0; number < row.image->objects.size(); ++number) {
      const ir::ImageObject& object = row.image->objects[number];
      llvm::Type* type = object_type(types_, context(), object, target_.pointer_bytes);
      const bool is_value = number == 0;
      auto* made = declare(type, row, exported && is_value,
                           is_value ? std::max(align, llvm::Align(object.align)) : llvm::Align(object.align),
                           is_value ? symbol : symbol + ".object." + std::to_string(number));
      objects_.emplace(std::pair(id.value, number), made);
      if (is_value)
        globals_.emplace(id.value, made);
    }
  }
}

void ModuleEmitter::emit_images(const Reachable& reached) {
  for (const ir::GlobalId id : reached.globals) {
    const ir::Global& row = module_.global(id);
    if (!row.image)
      continue;
    for (std::uint32_t number = 0; number < row.image->objects.size(); ++number)
      objects_.at({id.value, number})->setInitializer(object_constant(id.value, row.image->objects[number]));
  }
}

llvm::Constant* ModuleEmitter::object_constant(std::uint32_t global, const ir::ImageObject& object) {
  if (object.relocations.empty())
    return plain_bytes(context(), types_, object, 0, object.bytes.size());
  llvm::SmallVector<llvm::Constant*, 8> pieces;
  for_each_piece(
      object, target_.pointer_bytes,
      [&](std::uint64_t begin, std::uint64_t end) {
        pieces.push_back(plain_bytes(context(), types_, object, begin, end));
      },
      [&](const ir::Relocation& relocation) { pieces.push_back(relocated(global, relocation)); });
  return llvm::ConstantStruct::getAnon(context(), pieces, /*Packed=*/true);
}

llvm::Constant* ModuleEmitter::relocated(std::uint32_t global, const ir::Relocation& relocation) {
  llvm::Constant* base = nullptr;
  switch (relocation.kind) {
  case ir::Relocation::Kind::Object: base = objects_.at({global, relocation.target}); break;
  case ir::Relocation::Kind::Global: base = globals_.at(relocation.target); break;
  case ir::Relocation::Kind::Function: base = functions_.at(relocation.target); break;
  case ir::Relocation::Kind::Data: base = data_.at(relocation.target); break;
  case ir::Relocation::Kind::Extern: base = externs_.at(relocation.target); break;
  case ir::Relocation::Kind::Frame: base = frames_.at(relocation.target); break;
  }
  if (relocation.addend == 0)
    return base;
  return llvm::ConstantExpr::getGetElementPtr(int_type(8), base,
                                              llvm::ConstantInt::getSigned(word_type(), relocation.addend));
}

} // namespace sx::codegen
