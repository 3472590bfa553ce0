#include "ir/codec.h"

#include <algorithm>
#include <type_traits>
#include <unordered_map>

namespace sx::ir {

namespace {

// The form is a sequence of LEB128 numbers and byte strings. One description of the module (`transfer` below) serves
// the writer and the reader, so the two can't disagree.

constexpr std::uint8_t magic[] = {'S', 'X', 'I', 'R', 1};

class Writer {
public:
  explicit Writer(const Module& module) : module_(module) {}

  void number(std::uint64_t value) { put(body_, value); }
  template <class Enum> void enumerator(const Enum& value, unsigned) { number(static_cast<std::uint64_t>(value)); }
  void boolean(const bool& value) { number(value ? 1 : 0); }
  void flags(const bool& first, const bool& second) { number((first ? 1 : 0) | (second ? 2 : 0)); }
  template <class T> void integer(const T& value) {
    if constexpr (std::is_signed_v<T>)
      number((static_cast<std::uint64_t>(value) << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
    else
      number(value);
  }
  /// Wraps, so that the absent id is 0.
  void word(const std::uint32_t& value) { number(static_cast<std::uint32_t>(value + 1)); }
  void pointer_bytes(const std::uint32_t& value) { number(value == 4 ? 1 : 0); }

  void string(const StringId& id) {
    if (id.index() >= module_.strings.size())
      return number(0);
    const auto [entry, is_new] = numbers_.try_emplace(id.value, static_cast<std::uint32_t>(order_.size()));
    if (is_new)
      order_.push_back(id);
    number(entry->second + 1);
  }
  void string_word(const std::uint32_t& value) { string(StringId(value)); }

  template <class Bytes> void bytes(const Bytes& value) {
    number(value.size());
    body_.insert(body_.end(), value.begin(), value.end());
  }
  template <class Rows, class Each> void rows(const Rows& rows, Each&& each) {
    number(rows.size());
    for (const auto& row : rows)
      each(row);
  }
  template <class T, class Each> void optional(const std::optional<T>& value, Each&& each) {
    boolean(value.has_value());
    if (value)
      each(*value);
  }

  std::vector<std::uint8_t> finish() const {
    std::vector<std::uint8_t> out(std::begin(magic), std::end(magic));
    put(out, order_.size());
    for (StringId id : order_) {
      const std::string_view text = module_.text(id);
      put(out, text.size());
      out.insert(out.end(), text.begin(), text.end());
    }
    out.insert(out.end(), body_.begin(), body_.end());
    return out;
  }

private:
  static void put(std::vector<std::uint8_t>& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      out.push_back(static_cast<std::uint8_t>(value | 0x80));
    out.push_back(static_cast<std::uint8_t>(value));
  }

  const Module& module_;
  std::vector<std::uint8_t> body_;
  std::vector<StringId> order_;
  std::unordered_map<std::uint32_t, std::uint32_t> numbers_;
};

class Reader {
public:
  Reader(std::span<const std::uint8_t> bytes, Module& module, bool tolerant)
      : bytes_(bytes), module_(module), tolerant_(tolerant) {}

  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }

  void header() {
    if (bytes_.size() >= std::size(magic) && std::equal(std::begin(magic), std::end(magic), bytes_.begin()))
      at_ = std::size(magic);
    else
      fail("not a module of this version");
    std::vector<std::string> texts;
    rows(texts, [&](std::string& text) { bytes(text); });
    for (const std::string& text : texts)
      strings_.push_back(module_.strings.intern(text));
  }

  void end() {
    if (at_ != bytes_.size())
      fail("bytes after the end");
  }

  template <class Enum> void enumerator(Enum& value, unsigned count) {
    std::uint64_t raw = get();
    if (raw >= count) {
      fail("enumerator out of range");
      raw %= count;
    }
    value = static_cast<Enum>(raw);
  }
  void boolean(bool& value) {
    std::uint8_t raw = 0;
    enumerator(raw, 2);
    value = raw != 0;
  }
  void flags(bool& first, bool& second) {
    std::uint8_t raw = 0;
    enumerator(raw, 4);
    first = (raw & 1) != 0;
    second = (raw & 2) != 0;
  }
  template <class T> void integer(T& value) {
    const std::uint64_t raw = get();
    if constexpr (std::is_signed_v<T>) {
      const auto wide = static_cast<std::int64_t>((raw >> 1) ^ (~(raw & 1) + 1));
      value = static_cast<T>(wide);
      if (value != wide)
        fail("number out of range");
    } else {
      value = static_cast<T>(raw);
      if (value != raw)
        fail("number out of range");
    }
  }
  void word(std::uint32_t& value) {
    integer(value);
    --value;
  }
  void pointer_bytes(std::uint32_t& value) {
    bool is_narrow = false;
    boolean(is_narrow);
    value = is_narrow ? 4 : 8;
  }

  void string(StringId& id) {
    std::uint64_t raw = get();
    if (raw > strings_.size()) {
      fail("string out of range");
      raw %= strings_.size() + 1;
    }
    id = raw == 0 ? StringId() : strings_[raw - 1];
  }
  void string_word(std::uint32_t& value) {
    StringId id;
    string(id);
    value = id.value;
  }

  template <class Bytes> void bytes(Bytes& value) {
    const std::size_t size = count();
    const auto part = bytes_.subspan(at_, size);
    value.assign(part.begin(), part.end());
    at_ += size;
  }
  // A row takes at least one byte, so there are never more of them than bytes.
  template <class Rows, class Each> void rows(Rows& rows, Each&& each) {
    for (std::size_t left = count(); left > 0 && !failed(); --left) {
      if (at_ == bytes_.size())
        return fail("unexpected end");
      each(rows.emplace_back());
    }
  }
  template <class T, class Each> void optional(std::optional<T>& value, Each&& each) {
    bool present = false;
    boolean(present);
    if (present)
      each(value.emplace());
  }

private:
  void fail(const char* message) {
    if (!tolerant_ && error_.empty())
      error_ = std::string(message) + " at byte " + std::to_string(at_);
  }

  std::size_t count() {
    const std::uint64_t wanted = get();
    const std::size_t left = bytes_.size() - at_;
    if (wanted > left)
      fail("count exceeds what is left");
    return failed() ? 0 : std::min<std::uint64_t>(wanted, left);
  }

  std::uint64_t get() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ == bytes_.size()) {
        fail("unexpected end");
        return value;
      }
      const std::uint8_t byte = bytes_[at_++];
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80)
        return value;
    }
    fail("number too long");
    return value;
  }

  std::span<const std::uint8_t> bytes_;
  Module& module_;
  bool tolerant_;
  std::size_t at_ = 0;
  std::vector<StringId> strings_;
  std::string error_;
};

constexpr auto enum_count(auto last) {
  return static_cast<unsigned>(last) + 1;
}

// `Row` is const for the writer.
template <class Archive, class Row> void transfer_id(Archive& archive, Row& id) {
  archive.word(id.value);
}

template <class Archive, class Row> void transfer_span(Archive& archive, Row& span) {
  transfer_id(archive, span.file);
  if (!span.file.valid())
    return;
  archive.integer(span.begin);
  archive.integer(span.end);
}

template <class Archive, class Row> void transfer_type(Archive& archive, Row& type) {
  archive.enumerator(type.kind, enum_count(TypeKind::Signature));
  switch (type.kind) {
  case TypeKind::Int: archive.boolean(type.is_signed); [[fallthrough]];
  case TypeKind::Float: archive.integer(type.bits); break;
  case TypeKind::Array:
  case TypeKind::Vector:
    transfer_id(archive, type.element);
    archive.integer(type.count);
    break;
  case TypeKind::Aggregate:
    archive.string(type.name);
    archive.integer(type.size);
    archive.integer(type.align);
    archive.rows(type.fields, [&](auto& field) {
      archive.string(field.name);
      transfer_id(archive, field.type);
      archive.integer(field.offset);
    });
    break;
  case TypeKind::Signature:
    archive.enumerator(type.conv, enum_count(CallConv::C));
    archive.boolean(type.is_variadic);
    transfer_id(archive, type.element);
    archive.rows(type.params, [&](auto& param) { transfer_id(archive, param); });
    break;
  default: break;
  }
}

template <class Archive, class Row> void transfer_image(Archive& archive, Row& image) {
  transfer_id(archive, image.type);
  archive.rows(image.objects, [&](auto& object) {
    archive.integer(object.align);
    archive.bytes(object.bytes);
    archive.rows(object.relocations, [&](auto& relocation) {
      archive.integer(relocation.offset);
      archive.enumerator(relocation.kind, enum_count(Relocation::Kind::Frame));
      archive.word(relocation.target);
      archive.integer(relocation.addend);
    });
  });
}

template <class Archive, class Row> void transfer_global(Archive& archive, Row& global) {
  archive.string(global.name);
  archive.string(global.symbol);
  transfer_id(archive, global.type);
  archive.boolean(global.is_constant);
  archive.enumerator(global.linkage, enum_count(Linkage::Export));
  transfer_span(archive, global.span);
  transfer_id(archive, global.initializer);
  archive.optional(global.image, [&](auto& image) { transfer_image(archive, image); });
}

template <class Archive, class Row> void transfer_node(Archive& archive, Row& node) {
  archive.enumerator(node.op, static_cast<unsigned>(op_count));
  if (sub_count(node.op) > 1)
    archive.enumerator(node.sub, sub_count(node.op));
  transfer_id(archive, node.type);
  if (info(node.op).a == Shape::Text)
    archive.string_word(node.a);
  else if (info(node.op).a != Shape::None)
    archive.word(node.a);
  // A list has its length in c, which no shape names.
  if (info(node.op).b != Shape::None)
    archive.word(node.b);
  const Shape b = info(node.op).b;
  if (info(node.op).c != Shape::None || b == Shape::Values || b == Shape::Inits || b == Shape::Cases)
    archive.word(node.c);
}

template <class Archive, class Row> void transfer_function(Archive& archive, Row& function) {
  archive.string(function.name);
  archive.string(function.symbol);
  transfer_id(archive, function.signature);
  archive.enumerator(function.linkage, enum_count(Linkage::Export));
  archive.flags(function.comptime_only, function.is_naked);
  transfer_span(archive, function.span);
  archive.integer(function.param_count);
  archive.rows(function.locals, [&](auto& local) {
    archive.string(local.name);
    transfer_id(archive, local.type);
  });
  archive.rows(function.words, [&](auto& word) { archive.word(word); });
  transfer_id(archive, function.root);
  archive.rows(function.nodes, [&](auto& node) { transfer_node(archive, node); });
  archive.rows(function.spans, [&](auto& span) { transfer_span(archive, span); });
}

template <class Archive, class Row> void transfer_reflection(Archive& archive, Row& row) {
  archive.integer(row.word);
  archive.string(row.name);
  archive.integer(row.size);
  archive.integer(row.align);
  archive.integer(row.field_count);
  archive.integer(row.variant_count);
  archive.integer(row.lanes);
  archive.integer(row.tag_width);
  archive.integer(row.element_count);
  archive.integer(row.category);
  archive.boolean(row.is_unsigned);
  archive.boolean(row.is_flags);
  transfer_id(archive, row.info);
  archive.rows(row.members, [&](auto& member) {
    archive.string(member.name);
    archive.integer(member.type);
    archive.integer(member.offset);
    archive.integer(member.value);
  });
}

template <class Archive, class Root> void transfer(Archive& archive, Root& module) {
  archive.bytes(module.target.triple);
  archive.pointer_bytes(module.target.pointer_bytes);
  archive.rows(module.files, [&](auto& path) { archive.bytes(path); });
  archive.rows(module.types, [&](auto& row) { transfer_type(archive, row); });
  archive.rows(module.data, [&](auto& row) { archive.bytes(row); });
  archive.rows(module.externs, [&](auto& row) {
    archive.string(row.symbol);
    archive.string(row.library);
    transfer_id(archive, row.signature);
    archive.boolean(row.is_variable);
    transfer_span(archive, row.span);
  });
  archive.rows(module.globals, [&](auto& row) { transfer_global(archive, row); });
  archive.rows(module.functions, [&](auto& row) { transfer_function(archive, row); });
  archive.rows(module.frames, [&](auto& row) {
    archive.string(row.file);
    archive.integer(row.line);
    archive.integer(row.column);
    archive.string(row.function);
    archive.string(row.line_text);
  });
  archive.rows(module.reflection, [&](auto& row) { transfer_reflection(archive, row); });
  archive.rows(module.error_names, [&](auto& name) { archive.string(name); });
  archive.string(module.entry_symbol);
  archive.rows(module.assemblies, [&](auto& row) {
    archive.string(row.text);
    archive.string(row.constraints);
    archive.boolean(row.has_effects);
    archive.rows(row.memory, [&](auto& type) { transfer_id(archive, type); });
  });
}

} // namespace

std::vector<std::uint8_t> encode(const Module& module) {
  Writer writer(module);
  transfer(writer, module);
  return writer.finish();
}

std::expected<std::unique_ptr<Module>, std::string> decode(std::span<const std::uint8_t> bytes) {
  auto module = std::make_unique<Module>();
  Reader reader(bytes, *module, false);
  reader.header();
  transfer(reader, *module);
  reader.end();
  for (const Function& function : module->functions)
    if (!reader.failed() && function.spans.size() != function.nodes.size())
      return std::unexpected("a function has not one span a node");
  if (reader.failed())
    return std::unexpected(reader.error());
  return module;
}

std::unique_ptr<Module> decode_tolerant(std::span<const std::uint8_t> bytes) {
  auto module = std::make_unique<Module>();
  Reader reader(bytes, *module, true);
  reader.header();
  transfer(reader, *module);
  for (Function& function : module->functions)
    function.spans.resize(function.nodes.size());
  return module;
}

} // namespace sx::ir
