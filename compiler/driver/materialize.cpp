#include "driver/materialize.h"

#include <algorithm>
#include <cstring>

namespace sx::driver {

namespace {

using sema::TypeKind;

class Materializer {
public:
  Materializer(const sema::TypeTable& types, ir::Module& module, const ir::FoldImage& image)
      : types_(types), module_(module), image_(image), object_(image.objects.front()) {}

  std::expected<ir::FoldImage, NotMaterializable> run(sema::TypeId type) {
    kept_.align = object_.align;
    kept_.bytes = object_.bytes;
    if (auto walked = walk(type, 0); !walked)
      return std::unexpected(walked.error());
    std::ranges::sort(kept_.relocations, {}, &ir::Relocation::offset);
    return ir::FoldImage{image_.type, {std::move(kept_)}};
  }

private:
  using Result = std::expected<void, NotMaterializable>;
  static Result refuse(std::string kind, bool is_function = false) {
    return std::unexpected(NotMaterializable{is_function, std::move(kind)});
  }

  const ir::Relocation* relocation_at(std::uint64_t offset) const {
    auto found = std::ranges::lower_bound(object_.relocations, offset, {}, &ir::Relocation::offset);
    return found != object_.relocations.end() && found->offset == offset ? &*found : nullptr;
  }

  std::uint64_t word(std::uint64_t offset, std::uint64_t size) const {
    std::uint64_t value = 0;
    if (offset + size <= object_.bytes.size())
      std::memcpy(&value, object_.bytes.data() + offset, size);
    return value;
  }

  Result null_pointer(std::uint64_t offset, const char* kind, bool is_function = false) {
    if (relocation_at(offset) || word(offset, types_.pointer_bytes()) != 0)
      return refuse(kind, is_function);
    return {};
  }

  /// A `string` value: its bytes are captured, whatever storage they came from (R7.25).
  Result text(std::uint64_t offset) {
    const std::uint64_t length = word(offset + 8, 8);
    const ir::Relocation* pointer = relocation_at(offset);
    std::string_view bytes;
    if (pointer) {
      const auto start = static_cast<std::uint64_t>(pointer->addend);
      if (pointer->kind == ir::Relocation::Kind::Data && pointer->target < module_.data.size())
        bytes = module_.data[pointer->target];
      else if (pointer->kind == ir::Relocation::Kind::Object && pointer->target < image_.objects.size()) {
        const auto& object = image_.objects[pointer->target].bytes;
        bytes = {reinterpret_cast<const char*>(object.data()), object.size()};
      } else {
        return refuse("string outside the evaluation's memory");
      }
      if (start > bytes.size() || length > bytes.size() - start)
        return refuse("string longer than its storage");
      bytes = bytes.substr(start, length);
    } else if (length != 0) {
      return refuse("string without storage");
    }
    const ir::DataId data = module_.intern_data(std::string(bytes));
    kept_.relocations.push_back({offset, ir::Relocation::Kind::Data, data.value, 0});
    return {};
  }

  Result walk(sema::TypeId id, std::uint64_t offset) {
    const sema::Type& type = types_[id];
    switch (type.kind) {
    case TypeKind::Poison:
    case TypeKind::Void:
    case TypeKind::NoReturn:
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::USize:
    case TypeKind::ISize:
    case TypeKind::Float:
    case TypeKind::Enum:
    case TypeKind::ErrorSet: return {};
    case TypeKind::String: return text(offset);
    case TypeKind::Null:
    case TypeKind::CString:
    case TypeKind::Pointer:
    case TypeKind::ManyPointer: return null_pointer(offset, "pointer");
    case TypeKind::Function: return refuse("function", true);
    case TypeKind::Closure: return refuse("closure", true);
    case TypeKind::Protocol: return refuse("protocol value", true);
    case TypeKind::Any: return refuse("'any'", true);
    case TypeKind::Type: return refuse("type", true);
    case TypeKind::Slice: return refuse("slice");
    case TypeKind::TaggedUnion: return refuse("tagged union");
    case TypeKind::Union: return refuse("union");
    case TypeKind::Vector: return refuse("vector");
    case TypeKind::Optional: {
      if (types_.is_sentinel_optional(id)) {
        const TypeKind payload = types_.kind(type.element);
        const bool callable =
            payload == TypeKind::Function || payload == TypeKind::Closure || payload == TypeKind::Protocol;
        return null_pointer(offset, "pointer", callable);
      }
      return word(offset + types_.layout(type.element).size, 1) ? walk(type.element, offset) : Result{};
    }
    case TypeKind::Array: {
      const std::uint64_t stride = types_.layout(type.element).size;
      for (std::uint64_t i = 0; i < type.count && (stride || i == 0); ++i) {
        if (auto part = walk(type.element, offset + i * stride); !part)
          return part;
        if (is_plain(type.element))
          break;
      }
      return {};
    }
    case TypeKind::Tuple:
      for (std::size_t i = 0; i < type.elements.size(); ++i)
        if (auto part = walk(type.elements[i], offset + types_.field_offset(id, i)); !part)
          return part;
      return {};
    case TypeKind::Struct:
      for (std::size_t i = 0; i < types_.nominal(id).fields.size(); ++i)
        if (auto part = walk(types_.nominal(id).fields[i].type, offset + types_.field_offset(id, i)); !part)
          return part;
      return {};
    case TypeKind::Failable: return walk(type.element, offset);
    }
    return {};
  }

  bool is_plain(sema::TypeId id) const {
    const TypeKind kind = types_.kind(id);
    return kind == TypeKind::Bool || types_.is_numeric(id) || kind == TypeKind::Enum;
  }

  const sema::TypeTable& types_;
  ir::Module& module_;
  const ir::FoldImage& image_;
  const ir::ImageObject& object_;
  ir::ImageObject kept_;
};

} // namespace

std::expected<ir::FoldImage, NotMaterializable> materialize(const sema::TypeTable& types, ir::Module& module,
                                                            sema::TypeId type, const ir::FoldImage& image) {
  if (image.objects.empty())
    return image;
  return Materializer(types, module, image).run(type);
}

} // namespace sx::driver
