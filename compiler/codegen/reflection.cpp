// Run-time reflection (7.11): tables indexed by type word, and one small function for each kind of question.

#include "codegen/module_emitter.h"

#include <llvm/IR/Constants.h>

namespace sx::codegen {

using ir::ReflectQuery;
using ir::ReflectRow;

namespace {

/// Type words are dense; a table whose rows leave more holes than this is refused instead of emitted.
constexpr std::size_t max_holes = std::size_t{1} << 16;

enum class Content : std::uint8_t { Text, Bit, Number, Record };

/// One query: its table, what a row holds, and where the value comes from.
struct Query {
  ReflectQuery query;
  const char* table;
  Content content;
  bool by_member; ///< rows point to an array of members
  std::int64_t (*of_row)(const ReflectRow&);
  std::int64_t (*of_member)(const ir::ReflectMember&);
};

constexpr Query queries[] = {
    {ReflectQuery::Name, "__sx_type_names", Content::Text, false, nullptr, nullptr},
    {ReflectQuery::IsUnsigned, "__sx_type_is_unsigned", Content::Bit, false,
     [](const ReflectRow& row) -> std::int64_t { return row.is_unsigned; }, nullptr},
    {ReflectQuery::IsFlags, "__sx_type_flag_bits", Content::Bit, false,
     [](const ReflectRow& row) -> std::int64_t { return row.is_flags; }, nullptr},
    {ReflectQuery::Size, "__sx_type_sizes", Content::Number, false, [](const ReflectRow& row) { return row.size; },
     nullptr},
    {ReflectQuery::Align, "__sx_type_aligns", Content::Number, false, [](const ReflectRow& row) { return row.align; },
     nullptr},
    {ReflectQuery::FieldCount, "__sx_struct_field_counts", Content::Number, false,
     [](const ReflectRow& row) { return row.field_count; }, nullptr},
    {ReflectQuery::VariantCount, "__sx_variant_counts", Content::Number, false,
     [](const ReflectRow& row) { return row.variant_count; }, nullptr},
    {ReflectQuery::VectorLanes, "__sx_vector_lanes", Content::Number, false,
     [](const ReflectRow& row) { return row.lanes; }, nullptr},
    {ReflectQuery::TagWidth, "__sx_variant_tag_widths", Content::Number, false,
     [](const ReflectRow& row) { return row.tag_width; }, nullptr},
    {ReflectQuery::Category, "__sx_type_categories", Content::Number, false,
     [](const ReflectRow& row) -> std::int64_t { return row.category; }, nullptr},
    {ReflectQuery::ElementCount, "__sx_type_element_counts", Content::Number, false,
     [](const ReflectRow& row) { return row.element_count; }, nullptr},
    {ReflectQuery::Info, "__sx_type_infos", Content::Record, false, nullptr, nullptr},
    {ReflectQuery::MemberName, "__sx_member_name_ptrs", Content::Text, true, nullptr, nullptr},
    {ReflectQuery::MemberType, "__sx_member_type_ptrs", Content::Number, true, nullptr,
     [](const ir::ReflectMember& member) { return member.type; }},
    {ReflectQuery::MemberOffset, "__sx_field_offset_ptrs", Content::Number, true, nullptr,
     [](const ir::ReflectMember& member) { return member.offset; }},
    {ReflectQuery::MemberValue, "__sx_member_value_ptrs", Content::Number, true, nullptr,
     [](const ir::ReflectMember& member) { return member.value; }},
};
constexpr const char* member_counts = "__sx_member_counts";

const Query* find_query(ReflectQuery query) {
  for (const Query& row : queries)
    if (row.query == query)
      return &row;
  return nullptr;
}

llvm::GlobalVariable* constant_array(llvm::Module& out, llvm::Type* element, llvm::ArrayRef<llvm::Constant*> rows,
                                     const llvm::Twine& name) {
  auto* type = llvm::ArrayType::get(element, rows.size());
  return new llvm::GlobalVariable(out, type, true, llvm::GlobalValue::InternalLinkage,
                                  llvm::ConstantArray::get(type, rows), name);
}

/// Builds the tables of one module.
class Tables {
public:
  explicit Tables(ModuleEmitter& m) : m_(m) {}

  /// Number of table rows, or nothing if the words are not what tables can be indexed by.
  std::optional<std::size_t> rows() const {
    const auto& all = m_.ir().reflection;
    if (all.empty())
      return 0;
    const std::int64_t first = all.front().word, last = all.back().word;
    if (first < 0 || static_cast<std::uint64_t>(last) > all.size() + max_holes)
      return std::nullopt;
    return static_cast<std::size_t>(last) + 1;
  }

  llvm::Type* element(const Query& query) const {
    if (query.content == Content::Text)
      return m_.string_type();
    if (query.content == Content::Record)
      return m_.pointer_type();
    return m_.int_type(query.content == Content::Bit ? 1 : 64);
  }

  llvm::GlobalVariable* table(const Query& query, std::size_t count) {
    llvm::Type* of = query.by_member ? m_.pointer_type() : element(query);
    std::vector<llvm::Constant*> cells(count, llvm::Constant::getNullValue(of));
    for (const ReflectRow& row : m_.ir().reflection)
      cells[static_cast<std::size_t>(row.word)] = query.by_member ? members(query, row) : cell(query, row);
    return constant_array(m_.out(), of, cells, query.table);
  }

  llvm::GlobalVariable* counts(std::size_t count) {
    if (llvm::GlobalVariable* known = m_.out().getGlobalVariable(member_counts, true))
      return known;
    std::vector<llvm::Constant*> cells(count, number(0));
    for (const ReflectRow& row : m_.ir().reflection)
      cells[static_cast<std::size_t>(row.word)] = number(static_cast<std::int64_t>(row.members.size()));
    return constant_array(m_.out(), m_.int_type(64), cells, member_counts);
  }

private:
  llvm::Constant* number(std::int64_t value) const { return llvm::ConstantInt::getSigned(m_.int_type(64), value); }

  llvm::Constant* cell(const Query& query, const ReflectRow& row) {
    if (query.content == Content::Text)
      return m_.string(m_.ir().text(row.name));
    if (query.content == Content::Record)
      return row.info.valid() ? m_.global(row.info) : llvm::Constant::getNullValue(m_.pointer_type());
    if (query.content == Content::Bit)
      return llvm::ConstantInt::getBool(m_.context(), query.of_row(row) != 0);
    return number(query.of_row(row));
  }

  llvm::Constant* members(const Query& query, const ReflectRow& row) {
    if (row.members.empty())
      return llvm::ConstantPointerNull::get(llvm::PointerType::get(m_.context(), 0));
    std::vector<llvm::Constant*> cells;
    for (const ir::ReflectMember& member : row.members)
      cells.push_back(query.content == Content::Text ? m_.string(m_.ir().text(member.name))
                                                     : number(query.of_member(member)));
    return constant_array(m_.out(), element(query), cells, llvm::Twine(query.table) + "." + llvm::Twine(row.word));
  }

  ModuleEmitter& m_;
};

/// A function that looks something up and gives zero for what is outside its tables.
class Lookup {
public:
  Lookup(ModuleEmitter& m, const llvm::Twine& name, llvm::Type* element, bool is_text,
         llvm::ArrayRef<llvm::Type*> inputs)
      : m_(m), builder_(m.context()), element_(element), is_text_(is_text) {
    llvm::SmallVector<llvm::Type*, 3> params;
    if (is_text)
      params.push_back(m.pointer_type());
    params.append(inputs.begin(), inputs.end());
    auto* type = llvm::FunctionType::get(is_text ? llvm::Type::getVoidTy(m.context()) : element, params, false);
    function = llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage, name, m.out());
    function->addFnAttr(llvm::Attribute::NoUnwind);
    builder_.SetInsertPoint(llvm::BasicBlock::Create(m.context(), "", function));
    outside_ = llvm::BasicBlock::Create(m.context(), "outside", function);
  }

  llvm::Value* input(unsigned i) { return function->getArg(i + (is_text_ ? 1 : 0)); }
  llvm::Value* read(llvm::Type* type, llvm::Value* table, llvm::Value* index) {
    return builder_.CreateLoad(type, builder_.CreateGEP(type, table, index));
  }
  void check(llvm::Value* index, llvm::Value* count) {
    auto* inside = llvm::BasicBlock::Create(m_.context(), "inside", function, outside_);
    builder_.CreateCondBr(builder_.CreateICmpULT(index, count), inside, outside_);
    builder_.SetInsertPoint(inside);
  }
  llvm::Value* word(std::uint64_t value, llvm::Type* type) { return llvm::ConstantInt::get(type, value); }

  void finish(llvm::Value* found) {
    give(found);
    builder_.SetInsertPoint(outside_);
    give(llvm::Constant::getNullValue(element_));
  }

  llvm::Function* function;

private:
  void give(llvm::Value* answer) {
    if (!is_text_) {
      builder_.CreateRet(answer);
      return;
    }
    builder_.CreateStore(answer, function->getArg(0));
    builder_.CreateRetVoid();
  }

  ModuleEmitter& m_;
  llvm::IRBuilder<> builder_;
  llvm::Type* element_;
  bool is_text_;
  llvm::BasicBlock* outside_;
};

} // namespace

llvm::Function* ModuleEmitter::reflection(ReflectQuery which) {
  const Query* query = find_query(which);
  if (!query) {
    fail("unknown reflection query");
    return nullptr;
  }
  const std::string name = std::string("sx.reflect.") + query->table;
  if (llvm::Function* known = out_.getFunction(name))
    return known;
  Tables tables(*this);
  const auto count = tables.rows();
  if (!count) {
    fail("type words are not dense, so reflection tables can't be made");
    return nullptr;
  }
  llvm::Type* wide = int_type(64);
  llvm::GlobalVariable* table = tables.table(*query, *count);
  Lookup lookup(*this, name, tables.element(*query), query->content == Content::Text, {wide, wide});
  llvm::Value* word = lookup.input(0);
  lookup.check(word, lookup.word(*count, wide));
  if (!query->by_member) {
    lookup.finish(lookup.read(tables.element(*query), table, word));
    return lookup.function;
  }
  llvm::Value* index = lookup.input(1);
  lookup.check(index, lookup.read(wide, tables.counts(*count), word));
  lookup.finish(lookup.read(tables.element(*query), lookup.read(pointer_type(), table, word), index));
  return lookup.function;
}

llvm::Function* ModuleEmitter::error_name() {
  constexpr const char* name = "sx.error_name";
  if (llvm::Function* known = out_.getFunction(name))
    return known;
  std::vector<llvm::Constant*> cells;
  for (const StringId tag : module_.error_names)
    cells.push_back(string(module_.text(tag)));
  llvm::GlobalVariable* table = constant_array(out_, string_type(), cells, "__sx_error_names");
  llvm::Type* tag_type = int_type(32);
  Lookup lookup(*this, name, string_type(), true, {tag_type});
  lookup.check(lookup.input(0), lookup.word(cells.size(), tag_type));
  lookup.finish(lookup.read(string_type(), table, lookup.input(0)));
  return lookup.function;
}

} // namespace sx::codegen
