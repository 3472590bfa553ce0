// The constant records of `type_info` (7.12): one `TypeInfo` value per type, from the rows that answer all reflection.

#include "lower/impl.h"
#include "sema/reflection.h"
#include "sema/type_info.h"

#include <bit>

namespace sx::lower {

using sema::InfoField;

namespace {

/// Writes one image; object 0 is the record, object 1 its list of members.
class RecordWriter {
public:
  RecordWriter(Lowerer::Impl& owner, sema::TypeId of) : owner_(owner), types_(owner.types), of_(of) {
    image_.type = owner.storage_type(info());
    add_object(info(), 1);
  }

  ir::FoldImage write() {
    const sema::InfoVariant& variant = sema::info_variant(types_, of_);
    const sema::VariantInfo& declared = types_.nominal(info()).variants[*index(info(), variant.name)];
    const sema::UnionLayout layout = types_.union_layout(info());
    number(0, 0, declared.value, types_.layout(layout.tag).size);
    for (const sema::InfoPart& part : variant.parts)
      write_part(part, layout.payload_offset + offset(declared.payload, part.name), field(declared.payload, part.name));
    return std::move(image_);
  }

private:
  sema::TypeId info() const { return owner_.program.type_info; }
  std::optional<std::uint32_t> index(sema::TypeId type, std::string_view name) const {
    return sema::member_index(types_, owner_.strings, type, name);
  }
  sema::TypeId field(sema::TypeId record, std::string_view name) const {
    return types_.nominal(record).fields[*index(record, name)].type;
  }
  std::uint64_t offset(sema::TypeId record, std::string_view name) const {
    return types_.field_offset(record, *index(record, name));
  }

  void add_object(sema::TypeId element, std::size_t count) {
    const sema::Layout layout = types_.layout(element);
    ir::ImageObject object;
    object.align = layout.align;
    object.bytes.resize(layout.size * count);
    image_.objects.push_back(std::move(object));
  }

  void number(std::size_t object, std::uint64_t at, std::int64_t value, std::uint64_t bytes = 8) {
    for (std::uint64_t i = 0; i < bytes; ++i)
      image_.objects[object].bytes[at + i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i));
  }

  void text(std::size_t object, std::uint64_t at, StringId value) {
    const std::string_view bytes = owner_.strings.text(value);
    number(object, at + 8, static_cast<std::int64_t>(bytes.size()));
    image_.objects[object].relocations.push_back(
        {at, ir::Relocation::Kind::Data, owner_.module.intern_data(bytes).value, 0});
  }

  void write_part(const sema::InfoPart& part, std::uint64_t at, sema::TypeId type) {
    const sema::Type& row = types_[of_];
    switch (part.content) {
    case InfoField::Variants: return list(at, types_[type].element, "payload");
    case InfoField::Fields: return list(at, types_[type].element, "type");
    case InfoField::Elements: return list(at, types_[type].element, "");
    case InfoField::Bits: return number(0, at, types_.bit_width(of_));
    case InfoField::Signed: return number(0, at, types_.is_signed(of_), 1);
    case InfoField::Element: return number(0, at, types_.word(row.element));
    case InfoField::Count: return number(0, at, static_cast<std::int64_t>(row.count));
    }
  }

  /// A slice of rows {name, Type called `part`, offset}, or of types alone.
  void list(std::uint64_t at, sema::TypeId row, std::string_view part) {
    const std::vector<sema::MemberRow> members = sema::type_members(types_, of_);
    number(0, at + 8, static_cast<std::int64_t>(members.size()));
    if (members.empty())
      return;
    add_object(row, members.size());
    image_.objects[0].relocations.push_back({at, ir::Relocation::Kind::Object, 1, 0});
    const std::uint64_t stride = types_.layout(row).size;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::uint64_t base = i * stride;
      const std::int64_t word = types_.word(members[i].type);
      if (part.empty()) {
        number(1, base, word);
        continue;
      }
      number(1, base + offset(row, part), word);
      if (part == "type")
        number(1, base + offset(row, "offset"), static_cast<std::int64_t>(members[i].offset));
      text(1, base + offset(row, "name"), members[i].name);
    }
  }

  Lowerer::Impl& owner_;
  const sema::TypeTable& types_;
  sema::TypeId of_;
  ir::FoldImage image_;
};

} // namespace

ir::GlobalId Lowerer::Impl::type_record(sema::TypeId type) {
  if (const auto known = records_.find(type.value); known != records_.end())
    return known->second;
  ir::Global made;
  made.name = module.strings.intern("type_info(" + types.name(type) + ")");
  made.symbol = unique_symbol("sx.type_info." + types.name(type));
  made.type = storage_type(program.type_info);
  made.is_constant = true;
  made.image = RecordWriter(*this, type).write();
  const ir::GlobalId id{module.globals.size()};
  module.globals.push_back(std::move(made));
  records_.emplace(type.value, id);
  return id;
}

} // namespace sx::lower
