#include "ir/builder.h"
#include "ir/read.h"
#include "ir/verify.h"

#include <gtest/gtest.h>
#include <set>

namespace sx::ir {
namespace {

struct Case {
  Rule rule;
  const char* text;
};

// Each breaks one rule, and the verifier's first error names it.
const Case broken[] = {
    {Rule::TypeForm, "(type i65)"},
    {Rule::TypeForm, "(type f16)"},
    {Rule::TypeForm, "(type (vector 0 i32))"},
    {Rule::TypeComponent, "(type (array 4 $0))"},
    {Rule::TypeComponent, "(type (array 4 never))"},
    {Rule::TypeComponent, "(type (vector 4 ptr))"},
    {Rule::TypeComponent, "(type (sig (never) void))"},
    {Rule::TypeComponent, "(type (aggregate A 4 4 (x $9 0)))"},
    {Rule::TypeLayout, "(type (aggregate A 4 3))"},
    {Rule::TypeLayout, "(type (aggregate A 8192 8192))"},
    {Rule::TypeLayout, "(type (aggregate A 6 4))"},
    {Rule::TypeLayout, "(type (aggregate A 4 4 (x i64 0)))"},
    {Rule::TypeLayout, "(type (aggregate A 8 4 (x i32 2)))"},
    {Rule::TypeLayout, "(type (aggregate A 8 4 (x i32 18446744073709551612)))"},
    {Rule::TypeLayout, "(type (array 4294967296 i32))"},
    {Rule::TypeLayout, "(type (array 70000 (array 70000 u8)))"},
    {Rule::TypeLayout, "(type (vector 1024 i64))"},
    {Rule::Position, "(func f @0:1-2 (body (return)))"},
    {Rule::Position, "(file \"a\") (func f (body (return @0:2-1)))"},
    {Rule::Symbol, "(func f) (func f)"},
    {Rule::Symbol, "(func f) (global f i32)"},
    {Rule::Symbol, "(func f (symbol \"\"))"},
    {Rule::Symbol, "(extern none i32 variable)"},
    {Rule::Symbol, "(entry main)"},
    {Rule::Symbol, "(global main i32) (entry main)"},
    {Rule::Signature, "(func f (signature i32))"},
    {Rule::Signature, "(func f (param a i32) (signature (sig () void)))"},
    {Rule::Signature, "(func f (signature (sig (i32) void)))"},
    {Rule::Signature, "(func f (param a i64) (signature (sig (i32) void)))"},
    {Rule::Signature, "(func f (signature (sig c (...) void)))"},
    {Rule::Signature, "(func f (params 9) (result void))"},
    {Rule::Local, "(func f (local a never))"},
    {Rule::Local, "(func f (local a (sig () void)))"},
    {Rule::Local, "(func f (local a $99))"},
    {Rule::Global, "(global g never)"},
    {Rule::Global, "(global g i32 (init f)) (func f (result i64))"},
    {Rule::Global, "(global g i32 (init #7))"},
    {Rule::Extern, "(extern e i32)"},
    {Rule::Extern, "(extern e (sig () void) variable)"},
    {Rule::Image, "(global g i32 (image i64 (object 8 (hex 0000000000000000))))"},
    {Rule::Image, "(global g i32 (image i32))"},
    {Rule::Image, "(global g i32 (image i32 (object 4 (hex 00))))"},
    {Rule::Image, "(global g i32 (image i32 (object 2 (hex 00000000))))"},
    {Rule::Image, "(global g i32 (image i32 (object 12 (hex 00000000))))"},
    {Rule::Image, "(global g i32 (image i32 (object 4 (hex 00000000) (reloc 0 global g 0))))"},
    {Rule::Image, "(global g ptr (image ptr (object 8 (hex 0000000000000001) (reloc 0 global g 0))))"},
    {Rule::Image, "(global g ptr (image ptr (object 8 (hex 0000000000000000) (reloc 0 global #4 0))))"},
    {Rule::Image, "(global g ptr (image ptr (object 8 (hex 0000000000000000) (reloc 0 object #1 0))))"},
    {Rule::Image, "(global g (array 2 ptr) (image (array 2 ptr) (object 8 (hex 00000000000000000000000000000000)"
                  " (reloc 8 global g 0) (reloc 0 global g 0))))"},
    {Rule::Reflection, "(reflect 2 a 1 1 0 0 0 0) (reflect 2 b 1 1 0 0 0 0)"},
    {Rule::Reflection, "(reflect 2 a 1 1 0 0 0 0 (info #7))"},
    {Rule::Intrinsic, "(func f (body (block 0 (intrinsic :void asm 0) (return))))"},
    {Rule::Intrinsic, "(asm nop r (memory i32)) (func f (body (block 0 (intrinsic :void asm 0) (return))))"},
    {Rule::Intrinsic,
     "(asm nop r) (func f (local a (array 2 i32)) (body (block 0 (intrinsic :void asm 0 a) (return))))"},
    {Rule::Naked, "(func f naked (param a i32) (result i32) (body (return a)))"},
    {Rule::Assembly, "(asm none \"\")"},
    {Rule::Assembly, "(asm nop \"=*m\" (memory never))"},
    {Rule::ErrorNames, "(errors NotFound)"},
    {Rule::Body, "(func f (raw (root none) (return 0 never 4294967295 0 0)))"},
    {Rule::Body, "(func f (raw (root 0)))"},
    {Rule::Body, "(func f (raw (root 0) (return 0 never 4294967295 0 0) (return 0 never 4294967295 0 0)))"},
    {Rule::OperandOrder, "(func f (raw (root 0) (return 0 never 0 0 0)))"},
    {Rule::OperandOrder, "(func f (raw (words 1) (root 0) (block 0 void 0 0 1)))"},
    {Rule::UsedOnce, "(func f (raw (root 1) (return 0 never 4294967295 0 0) (return 0 never 4294967295 0 0)))"},
    {Rule::UsedOnce, "(func f (raw (words 0 0) (root 1) (return 0 never 4294967295 0 0) (block 0 never 0 0 2)))"},
    {Rule::Operator, "(func f (raw (root 0) (return 1 never 4294967295 0 0)))"},
    {Rule::Operator, "(func f (raw (root 0) (trap 99 never none 0 0)))"},
    {Rule::UnusedField, "(func f (raw (root 0) (return 0 never 4294967295 1 0)))"},
    {Rule::List, "(func f (raw (words 0) (root 1) (return 0 never 4294967295 0 0) (block 0 never 0 0 2)))"},
    {Rule::List, "(func f (raw (words 0) (root 1) (return 0 never 4294967295 0 0) (block 0 never 0 4294967295 2)))"},
    {Rule::List, "(func f (raw (words 0) (root 1) (int 0 i32 0 0 0) (switch 0 void 0 0 0)))"},
    {Rule::TableId, "(func f (raw (root 0) (return 0 none 4294967295 0 0)))"},
    {Rule::TableId, "(func f (body (zero :(sig () void))))"},
    {Rule::TableId, "(func f (body (load :i32 (local :i32 #3))))"},
    {Rule::TableId, "(func f (body (load :i32 (global :i32 #3))))"},
    {Rule::TableId, "(func f (body (call :void #3)))"},
    {Rule::TableId, "(func f (body (call_indirect :void $99 1:i32)))"},
    {Rule::TableId, "(func f (body (call_extern :void #3)))"},
    {Rule::TableId, "(func f (body (data #3)))"},
    {Rule::TableId, "(func f (body (frame #3)))"},
    {Rule::TableId, "(func f (body (function #3)))"},
    {Rule::TableId, "(func f (body (extern :ptr #3)))"},
    {Rule::Category, "(func f (body (load 1:i32)))"},
    {Rule::Category, "(func f (local a i32) (raw (root 0) (local 0 i32 0 0 0)))"},
    {Rule::NodeType, "(func f (local a i32) (body (load (local :i64 a))))"},
    {Rule::NodeType, "(global g i32) (func f (body (load (global :i64 g))))"},
    {Rule::NodeType, "(func f (param p ptr) (body (load (deref :never p))))"},
    {Rule::NodeType, "(func f (local a i32) (body (load :i64 a)))"},
    {Rule::NodeType, "(func f (local a i32) (body (store :i32 a 1:i32)))"},
    {Rule::NodeType, "(func f (local a i32) (body (address :i32 a)))"},
    {Rule::NodeType, "(func f (body (data :i32 \"x\")))"},
    {Rule::NodeType, "(func f (body (function :ptr f)))"},
    {Rule::NodeType, "(extern e i32 variable) (func f (body (extern :code e)))"},
    {Rule::NodeType, "(frame a 1 1 f t) (func f (body (frame :i64 #0)))"},
    {Rule::NodeType, "(func f (body (zero :never)))"},
    {Rule::NodeType, "(func f (body (undef :never)))"},
    {Rule::NodeType, "(func f (body (add :i64 1:i32 1:i32)))"},
    {Rule::NodeType, "(func f (body (eq :i32 1:i32 1:i32)))"},
    {Rule::NodeType, "(func f (param a (vector 2 i32)) (body (eq :bool a a)))"},
    {Rule::NodeType, "(func f (body (neg :i64 1:i32)))"},
    {Rule::NodeType, "(func f (body (splat :i32 1:i32)))"},
    {Rule::NodeType, "(func f (body (aggregate :i32)))"},
    {Rule::NodeType, "(func f (body (call :i32 f)))"},
    {Rule::NodeType, "(func f (local a i32) (body (start :i32 a)))"},
    {Rule::NodeType, "(func f (body (block :i32 0)))"},
    {Rule::NodeType, "(func f (body (return :void)))"},
    {Rule::NodeType, "(func f (body (trap :void unreachable \"\")))"},
    {Rule::NodeType, "(func f (body (load (temp :i64 1:i32))))"},
    {Rule::OperandType, "(func f (body (load (deref :i32 1:i64))))"},
    {Rule::OperandType, "(func f (local a i32) (body (load (field :i32 a 0))))"},
    {Rule::OperandType, "(func f (local a i32) (body (load (index :i32 a 0:i64))))"},
    {Rule::OperandType, "(func f (local a (array 2 i32)) (body (load (index a true))))"},
    {Rule::OperandType, "(func f (local a i32) (body (store a 1:i64)))"},
    {Rule::OperandType, "(func f (body (element 1:i64 1:i64 i32)))"},
    {Rule::OperandType, "(func f (param p ptr) (body (element p 1:i32 i32)))"},
    {Rule::OperandType, "(func f (param p ptr) (body (element p 1:i64 never)))"},
    {Rule::OperandType, "(func f (body (add 1:i32 1:i64)))"},
    {Rule::OperandType, "(func f (body (add true true)))"},
    {Rule::OperandType, "(func f (body (and 1:f32 1:f32)))"},
    {Rule::OperandType, "(func f (body (shl true true)))"},
    {Rule::OperandType, "(func f (body (lt 1:i32 1:i64)))"},
    {Rule::OperandType, "(func f (param a (array 2 i32)) (body (eq a a)))"},
    {Rule::OperandType, "(func f (body (neg true)))"},
    {Rule::OperandType, "(func f (body (not 1:f32)))"},
    {Rule::OperandType, "(func f (body (splat :(array 2 i32) 1:i64)))"},
    {Rule::OperandType, "(func f (body (aggregate :(array 2 i32) (0 1:i64))))"},
    {Rule::OperandType, "(func f (body (if 1:i32 (return))))"},
    {Rule::OperandType, "(func f (body (switch 1:f32 (default (return)))))"},
    {Rule::Constant, "(func f (body 200:i8))"},
    {Rule::Constant, "(func f (body -1:u8))"},
    {Rule::Constant, "(func f (body (int :bool 2)))"},
    {Rule::Constant, "(func f (body (int :ptr 2)))"},
    {Rule::Constant, "(func f (body (float :i32 0x2)))"},
    {Rule::Constant, "(func f (body 0x100000000:f32))"},
    {Rule::Conversion, "(func f (body (resize :f32 1:i32)))"},
    {Rule::Conversion, "(func f (body (truth true)))"},
    {Rule::Conversion, "(func f (body (truth :i32 1:i32)))"},
    {Rule::Conversion, "(func f (body (int_to_float :i32 1:i32)))"},
    {Rule::Conversion, "(func f (body (float_to_int :i32 1:i32)))"},
    {Rule::Conversion, "(func f (body (float_resize :f32 1:i32)))"},
    {Rule::Conversion, "(func f (body (pointer_to_int :i64 1:i64)))"},
    {Rule::Conversion, "(func f (body (int_to_pointer :i64 1:i64)))"},
    {Rule::Conversion, "(func f (body (code_cast :code (function f))))"},
    {Rule::Conversion, "(func f (body (bits :i64 1:i32)))"},
    {Rule::Conversion, "(func f (body (bits :i7 1:u8)))"},
    {Rule::Member, "(type (aggregate A 4 4 (x i32 0))) (func f (local a $A) (body (load (field :i32 a 1))))"},
    {Rule::Member, "(func f (body (aggregate :(array 2 i32) (2 1:i32))))"},
    {Rule::Member, "(func f (body (aggregate :(array 2 i32) (1 1:i32) (0 1:i32))))"},
    {Rule::Payload, "(func f (local a i64) (body (load (payload :i32 a 5))))"},
    {Rule::Payload, "(func f (local a i32) (body (load (payload :i64 a 0))))"},
    {Rule::Call, "(func f (body (call f 1:i32)))"},
    {Rule::Call, "(func f (param a i32) (body (call f)))"},
    {Rule::Call, "(func f (param a i32) (body (call f 1:i64)))"},
    {Rule::Call, "(func f (body (call_indirect (sig () void))))"},
    {Rule::Call, "(func f (body (call_indirect (sig () void) 1:i64)))"},
    {Rule::Call, "(func f (body (call_indirect :void i32 (function f))))"},
    {Rule::Call, "(extern e i32 variable) (func f (body (call_extern :void e)))"},
    {Rule::Call, "(extern e (sig c (i32 ...) void)) (func f (body (call_extern e)))"},
    {Rule::Call, "(extern e (sig c (i32 ...) void)) (func f (body (call_extern e 1:i32 (zero :(array 2 i32)))))"},
    {Rule::Intrinsic, "(func f (body (intrinsic mem.copy 0)))"},
    {Rule::Intrinsic, "(func f (param p ptr) (body (intrinsic mem.copy 1 p p 0:i64)))"},
    {Rule::Intrinsic, "(func f (param p ptr) (body (intrinsic mem.copy 0 p p 0:i32)))"},
    {Rule::Intrinsic, "(func f (param p ptr) (body (intrinsic :i32 mem.equal 0 p p 0:i64)))"},
    {Rule::Intrinsic, "(func f (body (intrinsic sqrt 0 1:i32)))"},
    {Rule::Intrinsic, "(func f (body (intrinsic :f32 sqrt 0 1:f64)))"},
    {Rule::Intrinsic, "(func f (body (intrinsic :i64 reflect 99 1:i64 0:i64)))"},
    {Rule::Intrinsic, "(func f (body (intrinsic :bool reflect 3 1:i64 0:i64)))"},
    {Rule::Intrinsic, "(func f (body (intrinsic :i64 reflect 3 1:i32 0:i64)))"},
    {Rule::Intrinsic, "(func f (body (intrinsic :i64 reflect 15 1:i64 0:i64)))"},
    {Rule::Intrinsic, "(func f (body (intrinsic :i32 error_name 0 1:u32)))"},
    {Rule::Intrinsic, "(func f (param p ptr) (body (intrinsic :i32 atomic.load 2 p)))"},
    {Rule::Intrinsic, "(func f (param p ptr) (body (intrinsic atomic.store 1 p 1:i32)))"},
    {Rule::Intrinsic, "(func f (param p ptr) (body (intrinsic atomic.add 4 p 1:f32)))"},
    {Rule::Intrinsic, "(func f (param p ptr) (body (intrinsic atomic.add 9 p 1:i32)))"},
    {Rule::Intrinsic, "(func f (body (intrinsic atomic.fence 0)))"},
    {Rule::Intrinsic, "(func f (param p ptr) (body (intrinsic atomic.exchange 516 p 1:i32 2:i32 p)))"},
    {Rule::Arm, "(func f (body (block :i64 0 1:i32)))"},
    {Rule::Arm, "(func f (body (block :never 0 1:i32)))"},
    {Rule::Arm, "(func f (body (if :i32 true 1:i64 1:i32)))"},
    {Rule::Arm, "(func f (body (if :i32 true 1:i32 1:i64)))"},
    {Rule::Arm, "(func f (body (if :i32 true 1:i32)))"},
    {Rule::Arm, "(func f (body (switch :i32 1:i32 (case 1 1:i64))))"},
    {Rule::Arm, "(func f (body (switch :never 1:i32 (case 1 (return)))))"},
    {Rule::Case, "(func f (body (switch :i32 1:i32 (case 1 1:i32) (case 1 2:i32))))"},
    {Rule::Case, "(func f (body (switch :i32 1:u8 (case 256 1:i32))))"},
    {Rule::LabelScope, "(func f (body (break 0)))"},
    {Rule::LabelScope, "(func f (body (block 0 (block 1) (break 1))))"},
    {Rule::LabelScope, "(func f (body (block :void 0 (continue 0))))"},
    {Rule::LabelUnique, "(func f (body (block 0 (loop 0 (return)))))"},
    {Rule::BreakValue, "(func f (body (block :i32 0 (break 0))))"},
    {Rule::BreakValue, "(func f (body (block :i32 0 (break 0 1:i64))))"},
    {Rule::BreakValue, "(func f (body (block :void 0 (break 0 1:i64))))"},
    {Rule::BreakValue, "(func f (body (block :never 0 (break 0))))"},
    {Rule::Return, "(func f (body (return 1:i32)))"},
    {Rule::Return, "(func f (result i32) (body (return)))"},
    {Rule::Return, "(func f (result i32) (body (return 1:i64)))"},
    {Rule::Return, "(func f (result never) (body (return)))"},
    {Rule::Completion, "(func f (result i32) (body 1:i32))"},
    {Rule::Completion, "(func f (result never) (body (loop 0 (block 1))))"},
};

std::vector<VerifyError> errors_of(std::string_view text) {
  const auto module = read(text);
  EXPECT_TRUE(module.has_value()) << text << ": " << (module ? "" : module.error().message);
  return module ? verify(**module) : std::vector<VerifyError>{};
}

void expect_rule(Rule rule, const std::vector<VerifyError>& errors, std::string_view text) {
  ASSERT_FALSE(errors.empty()) << "accepted: " << text;
  EXPECT_EQ(rule_name(errors[0].rule), rule_name(rule)) << text << "\n" << errors[0].message;
}

TEST(Verify, NamesTheBrokenRule) {
  for (const Case& entry : broken)
    expect_rule(entry.rule, errors_of(entry.text), entry.text);
}

Module& with_function(Module& module) {
  Function& function = module.functions.emplace_back();
  Builder b(module, function);
  function.name = function.symbol = module.strings.intern("f");
  function.signature = b.signature_type({}, b.void_type());
  return module;
}

TEST(Verify, RefusesWhatTheTextCannotSay) {
  Module target;
  target.target.pointer_bytes = 2;
  expect_rule(Rule::Target, verify(target), "pointers of two bytes");

  Module text;
  with_function(text).functions[0].name = StringId(99);
  expect_rule(Rule::Text, verify(text), "a name out of the table");

  Module deep;
  Builder b(with_function(deep), deep.functions[0]);
  NodeId chain = b.const_bool(true);
  for (std::uint32_t i = 0; i < max_tree_depth; ++i)
    chain = b.unary(UnaryOp::BitNot, chain);
  b.finish(chain);
  expect_rule(Rule::Depth, verify(deep), "a deep chain");

  Module leftovers;
  Type type;
  type.bits = 8;
  leftovers.types.push_back(type);
  expect_rule(Rule::TypeForm, verify(leftovers), "void of eight bits");
}

TEST(Verify, EveryRuleHasACase) {
  std::set<Rule> shown{Rule::Target, Rule::Text, Rule::Depth};
  for (const Case& entry : broken)
    shown.insert(entry.rule);
  for (std::size_t i = 0; i < rule_count; ++i)
    EXPECT_TRUE(shown.contains(static_cast<Rule>(i))) << rule_name(static_cast<Rule>(i));
}

TEST(Verify, MessageNamesFunctionNodeAndRule) {
  const auto errors = errors_of("(func f (body (add 1:i32 1:i64)))");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].message, "function 'f': node 2 (binary): operand-type: operand 1 is of type i64, not i32");
}

TEST(Verify, AcceptsTheDepthBound) {
  Module module;
  Builder b(with_function(module), module.functions[0]);
  NodeId chain = b.const_bool(true);
  for (std::uint32_t i = 1; i < max_tree_depth; ++i)
    chain = b.unary(UnaryOp::BitNot, chain);
  b.finish(chain);
  EXPECT_TRUE(verify(module).empty());
}

TEST(Verify, BoundsTheNumberOfErrors) {
  std::string text;
  for (int i = 0; i < 50; ++i)
    text += "(func f" + std::to_string(i) + " (body (break 0)))";
  const auto module = read(text);
  ASSERT_TRUE(module.has_value());
  EXPECT_EQ(verify(**module, 7).size(), 7u);
  EXPECT_EQ(verify_function(**module, FuncId(3)).size(), 1u);
}

} // namespace
} // namespace sx::ir
