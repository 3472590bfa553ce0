#include "syntax/parse_fixture.h"

#include <gtest/gtest.h>

namespace sx::syntax {
namespace {

struct Case {
  std::string_view source;
  std::string_view tree;
};

// ---- expressions ------------------------------------------------------------------------------------

TEST(ParseExpression, LiteralsAndNames) {
  const Case cases[] = {
      {"12", "(IntLiteral 12)"},
      {"1.5", "(FloatLiteral 1.5)"},
      {"\"a\\n\"", "(StringLiteral \"a\\n\" \"a\\\\n\")"},
      {"'a'", "(CharLiteral 97)"},
      {"true", "(BoolLiteral value)"},
      {"false", "(BoolLiteral)"},
      {"null", "(NullLiteral)"},
      {"---", "(UndefinedLiteral)"},
      {"`if", "(Name `if)"},
      {"f32", "(Name f32)"},
      {"protocol", "(Name protocol)"},
      {".struct", "(DotName struct)"},
      {"error.Late", "(ErrorLiteral Late)"},
      {"$xs", "(PackName xs)"},
      {"$xs[2]", "(PackElement xs 2)"},
      {"$xs[i]", "(Index (PackName xs) (Name i))"},
      {"#caller_location", "(CallerLocation)"},
      {"#run f(2) + 1", "(Run (Binary + (Call (Name f) [(IntLiteral 2)] _) (IntLiteral 1)))"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(expression(c.source), c.tree) << c.source;
}

TEST(ParseExpression, Precedence) {
  const Case cases[] = {
      {"a + b * c", "(Binary + (Name a) (Binary * (Name b) (Name c)))"},
      {"a - b - c", "(Binary - (Binary - (Name a) (Name b)) (Name c))"},
      {"a & 1 == 0", "(Binary & (Name a) (Binary == (IntLiteral 1) (IntLiteral 0)))"},
      {"a ?? b ?? c", "(Binary ?? (Name a) (Binary ?? (Name b) (Name c)))"},
      {"a or b and c | d ^ e & f", "(Binary or (Name a) (Binary and (Name b) (Binary | (Name c) (Binary ^ (Name d) "
                                   "(Binary & (Name e) (Name f))))))"},
      {"a << b + c", "(Binary << (Name a) (Binary + (Name b) (Name c)))"},
      {"(a + b) * c", "(Binary * (Binary + (Name a) (Name b)) (Name c))"},
      {"-x.(i8)", "(Unary - (Cast (Name x) (Name i8) _))"},
      {"!a.b!", "(Unary ! (ForceUnwrap (Member (Name a) b)))"},
      {"xx try f()", "(Unary xx (Unary try (Call (Name f) [] _)))"},
      {"*a.b", "(Unary * (Member (Name a) b))"},
      {"a + b |> f", "(Call (Name f) [(Binary + (Name a) (Name b))] _ piped)"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(expression(c.source), c.tree) << c.source;
}

TEST(ParseExpression, Comparisons) {
  const Case cases[] = {
      {"a < b", "(Binary < (Name a) (Name b))"},
      {"a < b <= c", "(CompareChain [(Name a) (Name b) (Name c)] [< <=])"},
      {"(a < b) < c", "(Binary < (Binary < (Name a) (Name b)) (Name c))"},
      {"a in b < c", "(Binary < (Binary in (Name a) (Name b)) (Name c))"},
      {"a < b in c", "(Binary in (Binary < (Name a) (Name b)) (Name c))"},
      {"a < b < c in d", "(Binary in (CompareChain [(Name a) (Name b) (Name c)] [< <]) (Name d))"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(expression(c.source), c.tree) << c.source;
}

TEST(ParseExpression, Pipes) {
  const Case cases[] = {
      {"l |> f(x)", "(Call (Name f) [(Name l) (Name x)] _ piped)"},
      {"l |> f", "(Call (Name f) [(Name l)] _ piped)"},
      {"l |> m.f", "(Call (Member (Name m) f) [(Name l)] _ piped)"},
      {"l |> try f()", "(Unary try (Call (Name f) [(Name l)] _ piped))"},
      {"l |> f() ?? d", "(Binary ?? (Call (Name f) [(Name l)] _ piped) (Name d))"},
      {"l |> f() or d", "(Binary or (Call (Name f) [(Name l)] _ piped) (Name d))"},
      {"l |> f() catch (e) 0", "(Catch (Call (Name f) [(Name l)] _ piped) e (IntLiteral 0))"},
      {"l |> t.h[0]", "(Call (Index (Member (Name t) h) (IntLiteral 0)) [(Name l)] _ piped)"},
      {"l |> (f(x))", "(Call (Call (Name f) [(Name x)] _) [(Name l)] _ piped)"},
      {"l |> f() |> g()", "(Call (Name g) [(Call (Name f) [(Name l)] _ piped)] _ piped)"},
      {"l |> (n) => n", "(Call (Lambda [(Param n _ [] _)] _ (Name n) arrow) [(Name l)] _ piped)"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(expression(c.source), c.tree) << c.source;
}

TEST(ParseExpression, Postfix) {
  const Case cases[] = {
      {"f(a, n = 1, ..xs,)", "(Call (Name f) [(Name a) (NamedArgument n (IntLiteral 1)) (Spread (Name xs))] _)"},
      {"f() { 1 }", "(Call (Name f) [] (Block [(ExprStatement (IntLiteral 1))]))"},
      {"a.(T, al)", "(Cast (Name a) (Name T) (Name al))"},
      {"a?.(T)", "(Cast (Name a) (Name T) _ optional)"},
      {"T.{ 1, x, y = 2, ..z, (w), if }", "E0205@1:36 }"},
      {"T.{ 1, x, y = 2, ..z, (w), if = 3 }",
       "(StructLiteral (Name T) [(IntLiteral 1) (ShorthandElement (Name x)) (NamedElement y (IntLiteral 2)) (Spread "
       "(Name z)) (Paren (Name w)) (NamedElement if (IntLiteral 3))] _)"},
      {".{ (a).b, (a) + b }", "(StructLiteral _ [(Member (Name a) b) (Binary + (Name a) (Name b))] _)"},
      {".{ if a > b then a else b, 3 }",
       "(StructLiteral _ [(If _ (Binary > (Name a) (Name b)) (Name a) (Name b) then_form) (IntLiteral 3)] _)"},
      {"T.{} { self.x(); }",
       "(StructLiteral (Name T) [] (Block [(ExprStatement (Call (Member (Name self) x) [] _))]))"},
      {".[1, 2,]", "(ArrayLiteral _ [(IntLiteral 1) (IntLiteral 2)])"},
      {"u8.[1]", "(ArrayLiteral (Name u8) [(IntLiteral 1)])"},
      {"p.*.x", "(Member (Deref (Name p)) x)"},
      {"(t.0).1", "(MemberIndex (MemberIndex (Name t) 0) 1)"},
      {"o?.if", "(OptionalMember (Name o) if)"},
      {"o?.0", "(OptionalMemberIndex (Name o) 0)"},
      {"a[i]", "(Index (Name a) (Name i))"},
      {"a[..]", "(SliceExpr (Name a) _ _ ..)"},
      {"a[1<..=2]", "(SliceExpr (Name a) (IntLiteral 1) (IntLiteral 2) <..=)"},
      {"a[=..b]", "(SliceExpr (Name a) _ (Name b) ..)"},
      {"q.inline(1)", "(Call (Member (Name q) inline) [(IntLiteral 1)] _)"},
      {"f() catch { 0 }", "(Catch (Call (Name f) [] _) _ (Block [(ExprStatement (IntLiteral 0))]))"},
      {"a + f() catch (e) 0 * 2",
       "(Binary + (Name a) (Catch (Call (Name f) [] _) e (Binary * (IntLiteral 0) (IntLiteral 2))))"},
      {"f() catch (e) == { case .A: 1; }",
       "(Catch (Call (Name f) [] _) e (Match _ [(Case (DotName A) _ (Block [(ExprStatement (IntLiteral 1))]))] _))"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(expression(c.source), c.tree) << c.source;
}

TEST(ParseExpression, ParenthesesOpenLambdasTypesAndGroups) {
  const Case cases[] = {
      {"() => 1", "(Lambda [] _ (IntLiteral 1) arrow)"},
      {"(x: T) -> R { x }", "(Lambda [(Param x (Name T) [] _)] (Name R) (Block [(ExprStatement (Name x))]))"},
      {"(a, b) { }", "(Lambda [(Param a _ [] _) (Param b _ [] _)] _ (Block []))"},
      {"() { }", "(Lambda [] _ (Block []))"},
      {"() -> struct { n: i64; } { .{ 1 } }",
       "(Lambda [] (StructType [] [(FieldGroup [(Name n)] (Name i64) _)] _) (Block [(ExprStatement (StructLiteral _ "
       "[(IntLiteral 1)] _))]))"},
      {"() abi(.c) => 1", "(Lambda [] _ abi-c (IntLiteral 1) arrow)"},
      {"(A) -> B", "(FunctionType [(TypeSlot _ (Name A) _)] (Name B))"},
      {"f((A) -> B, c)", "(Call (Name f) [(FunctionType [(TypeSlot _ (Name A) _)] (Name B)) (Name c)] _)"},
      {"(n: i64) -> i64 { return n * 7; }(6)",
       "(Call (Lambda [(Param n (Name i64) [] _)] (Name i64) (Block [(Return [(Binary * (Name n) (IntLiteral 7))])])) "
       "[(IntLiteral 6)] _)"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(expression(c.source), c.tree) << c.source;
}

TEST(ParseExpression, TypesAreValues) {
  const Case cases[] = {
      {"f(*[]u8, ?T)", "(Call (Name f) [(Unary * (SliceType (Name u8))) (OptionalType (Name T))] _)"},
      {"Tuple(a: A, 4)", "(TupleType [(TypeSlot a (Name A) _) (TypeSlot _ (IntLiteral 4) _)])"},
      {"`Tuple(a)", "(Call (Name `Tuple) [(Name a)] _)"},
      {"Tuple(A).{ 1 }", "(StructLiteral (TupleType [(TypeSlot _ (Name A) _)]) [(IntLiteral 1)] _)"},
      {"([3]f32).{ 1 }", "(StructLiteral (ArrayType (IntLiteral 3) (Name f32)) [(IntLiteral 1)] _)"},
      {"Box(u8).{}", "(StructLiteral (Call (Name Box) [(Name u8)] _) [] _)"},
      {"struct { a: i64; }", "(StructType [] [(FieldGroup [(Name a)] (Name i64) _)] _)"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(expression(c.source), c.tree) << c.source;
}

TEST(ParseExpression, Assembly) {
  EXPECT_EQ(
      expression("asm volatile { \"nop\", [r] \"=r\" -> i64, \"=m\" -> *p.x, \"r\" = a, clobbers(.memory, .cc), }"),
      "(Asm is_volatile (StringLiteral \"nop\" \"nop\") [(AsmOperand r \"=r\" -> (Name i64)) (AsmOperand _ \"=m\" "
      "->* (Member (Name p) x)) (AsmOperand _ \"r\" = (Name a))] [memory cc])");
}

// ---- types ------------------------------------------------------------------------------------------

TEST(ParseType, Forms) {
  const Case cases[] = {
      {"?*[]T", "(OptionalType (PointerType (SliceType (Name T))))"},
      {"[*]u8", "(ManyPointerType (Name u8))"},
      {"[:0]u8", "(SentinelSliceType 0 (Name u8))"},
      {"[N + 1]u8", "(ArrayType (Binary + (Name N) (IntLiteral 1)) (Name u8))"},
      {"m.Point", "(Member (Name m) Point)"},
      {"`i8", "(Name `i8)"},
      {"Ring(CAP * 2 + 1, f32, ..xs.T)",
       "(TypeApply (Name Ring) [(Binary + (Binary * (Name CAP) (IntLiteral 2)) (IntLiteral 1)) (Name f32) (Spread "
       "(Member (Name xs) T))])"},
      {"$T/Eq/Show", "(TypeIntro T [(Name Eq) (Name Show)])"},
      {"$xs[1]", "(PackElement xs 1)"},
      {"()", "(VoidType)"},
      {"(T)", "(Name T)"},
      {"(A, b: B) -> ()", "(FunctionType [(TypeSlot _ (Name A) _) (TypeSlot b (Name B) _)] (VoidType))"},
      {"() -> i64 abi(.c)", "(FunctionType [] (Name i64) abi-c)"},
      {"() -> !", "(FunctionType [] (ErrorChannel _))"},
      {"() -> !m.E", "(FunctionType [] (ErrorChannel (Member (Name m) E)))"},
      {"() -> (T, !E)", "(FunctionType [] (ReturnList [(TypeSlot _ (Name T) _)] (ErrorChannel (Name E))))"},
      {"() -> (a: A = 1, B)",
       "(FunctionType [] (ReturnList [(TypeSlot a (Name A) (IntLiteral 1)) (TypeSlot _ (Name B) _)] _))"},
      {"(A, B)", "(ReturnList [(TypeSlot _ (Name A) _) (TypeSlot _ (Name B) _)] _)"},
      {"Tuple()", "(TupleType [])"},
      {"Tuple(..F(Ts))", "(TupleType [(TypeSlot _ (Spread (TypeApply (Name F) [(Name Ts)])) _)])"},
      {"Closure(a: A, ..$xs.T) -> R", "(ClosureType [(TypeSlot a (Name A) _)] xs T (Name R))"},
      {"Closure()", "(ClosureType [] _ _ _)"},
      {"[2](Closure(u8) -> u8)", "(ArrayType (IntLiteral 2) (ClosureType [(TypeSlot _ (Name u8) _)] _ _ (Name u8)))"},
      {"enum flags u8 { a; b :: 2; }", "(EnumType is_flags (Name u8) [(Variant a _ _) (Variant b _ (IntLiteral 2))])"},
      {"enum { a: i64; b :: 3: struct { x: u8 } }",
       "(EnumType _ [(Variant a (Name i64) _) (Variant b (StructType [] [(FieldGroup [(Name x)] (Name u8) _)] _) "
       "(IntLiteral 3))])"},
      {"union { a: i64; struct { b: u8; } }",
       "(UnionType [(UnionMember a (Name i64)) (StructType [] [(FieldGroup [(Name b)] (Name u8) _)] _)])"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(type(c.source), c.tree) << c.source;
}

// ---- statements -------------------------------------------------------------------------------------

TEST(ParseStatement, Simple) {
  const Case cases[] = {
      {"a = 1;", "(Block [(Assign = (Name a) (IntLiteral 1))])"},
      {"p.* <<= 1;", "(Block [(Assign << (Deref (Name p)) (IntLiteral 1))])"},
      {"a, b = b, a;", "(Block [(MultiAssign [(Name a) (Name b)] [(Name b) (Name a)])])"},
      {"a, _ := f();", "(Block [(Destructure [(Name a) (Name _)] (Call (Name f) [] _))])"},
      {"return;", "(Block [(Return [])])"},
      {"return a, b;", "(Block [(Return [(Name a) (Name b)])])"},
      {"return x = a, y = b;", "(Block [(Return [(ReturnElement x (Name a)) (ReturnElement y (Name b))])])"},
      {"return ..t;", "(Block [(Return [(Spread (Name t))])])"},
      {"raise error.X;", "(Block [(Raise (ErrorLiteral X))])"},
      {"break; continue;", "(Block [(Break) (Continue)])"},
      {"defer f();", "(Block [(Defer (Call (Name f) [] _))])"},
      {"defer { } onfail { } onfail (e) { } onfail f();",
       "(Block [(Defer (Block [])) (OnFail _ (Block [])) (OnFail e (Block [])) (OnFail _ (Call (Name f) [] _))])"},
      {"#insert f();", "(Block [(Insert (Call (Name f) [] _))])"},
      {"#error(\"no\");", "(Block [(ErrorDirective \"no\")])"},
      {"x := 1; y : T; z : T = 1; K :: 2; C : T : 3;",
       "(Block [(VarDecl x _ (IntLiteral 1) _ \"\") (VarDecl y (Name T) _ _ \"\") (VarDecl z (Name T) (IntLiteral 1) _ "
       "\"\") (ConstDecl K _ (IntLiteral 2)) (ConstDecl C (Name T) (IntLiteral 3))])"},
      {"push c { }", "(Block [(ExprStatement (Push (Name c) (Block [])))])"},
      {"#run f()", "(Block [(ExprStatement (Run (Call (Name f) [] _)))])"},
      {"protocol = 1;", "(Block [(Assign = (Name protocol) (IntLiteral 1))])"},
      {"impl(1);", "(Block [(ExprStatement (Call (Name impl) [(IntLiteral 1)] _))])"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(statements(c.source), c.tree) << c.source;
}

TEST(ParseStatement, ASemicolonIsOptionalBehindBlockForms) {
  for (std::string_view text : {"if a { } b();", "if a { };", "if a == { } b();", "while a { } b();", "for xs { } b();",
                                "{ } b();", "f() { } b();", "x := if a { 1 } else { 2 } b();", "for xs => f(); b();",
                                "x := f()", "f()", "a, b := { 1 } c();"})
    EXPECT_EQ(Parsed(std::string(text), true).outcome(), "ok") << text;
  for (std::string_view text : {"if a then b c();", "x = { 1 } c();", "K :: { } + 1;", "(if a { }) b();", "f() b();"})
    EXPECT_EQ(Parsed(std::string(text), true).outcome().substr(0, 1), "E") << text;
}

TEST(ParseStatement, AStatementBlockEndsAtItsBrace) {
  EXPECT_EQ(statements("{ } *y = 1;"),
            "(Block [(ExprStatement (Block [])) (Assign = (Unary * (Name y)) (IntLiteral 1))])");
  EXPECT_EQ(statements("if a { } (b)();"),
            "(Block [(ExprStatement (If _ (Name a) (Block []) _)) (ExprStatement (Call (Name b) [] _))])");
}

TEST(ParseStatement, KeepsTheDiscardingSemicolon) {
  const Parsed parsed("a(); b()", true);
  const auto block = parsed.tree->list(parsed.tree->get<ast::Block>(parsed.tree->root()).statements);
  EXPECT_EQ(parsed.tree->get<ast::ExprStatement>(block[0]).semicolon, (Span{FileId(0), 3, 4}));
  EXPECT_FALSE(parsed.tree->get<ast::ExprStatement>(block[1]).semicolon.valid());
}

TEST(ParseControl, IfForms) {
  const Case cases[] = {
      {"if a then b else c;", "(If _ (Name a) (Name b) (Name c) then_form)"},
      {"if a { } else if b { } else { }", "(If _ (Name a) (Block []) (If _ (Name b) (Block []) (Block [])))"},
      {"if v := e { }", "(If v (Name e) (Block []) _)"},
      {"if (flag) { }", "(If _ (Name flag) (Block []) _)"},
      {"if f(x) { }", "(If _ (Call (Name f) [(Name x)] _) (Block []) _)"},
      {"if s == .{ 1 } { }", "(If _ (Binary == (Name s) (StructLiteral _ [(IntLiteral 1)] _)) (Block []) _)"},
      {"if a ?? b |> f { }", "(If _ (Call (Name f) [(Binary ?? (Name a) (Name b))] _ piped) (Block []) _)"},
      {"if (f() { 1 }) { }", "(If _ (Call (Name f) [] (Block [(ExprStatement (IntLiteral 1))])) (Block []) _)"},
      {"if g(f() { 1 }) { }",
       "(If _ (Call (Name g) [(Call (Name f) [] (Block [(ExprStatement (IntLiteral 1))]))] _) (Block []) _)"},
      {"inline if a { } else if b { }", "(If _ (Name a) (Block []) (If _ (Name b) (Block []) _ is_inline) is_inline)"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(statements(c.source).substr(0, 23 + c.tree.size()), "(Block [(ExprStatement " + std::string(c.tree))
        << c.source;
}

TEST(ParseControl, Matches) {
  const Case cases[] = {
      {"if x + 1 == { case 1: break; case -2: (v) => f(); case E.struct: a; b; else: c; }",
       "(Match (Binary + (Name x) (IntLiteral 1)) [(Case (IntLiteral 1) _ empty _) (Case (Unary - (IntLiteral 2)) v => "
       "(Call (Name f) [] _)) (Case (Member (Name E) struct) _ (Block [(ExprStatement (Name a)) (ExprStatement (Name "
       "b))]))] (Block [(ExprStatement (Name c))]))"},
      {"if T == { case struct: case *u8: case ?(?T): case Box(u8): case (A) -> B: case struct { a: u8 }: }",
       "(Match (Name T) [(Case (Name struct) _ (Block [])) (Case (PointerType (Name u8)) _ (Block [])) (Case "
       "(OptionalType (OptionalType (Name T))) _ (Block [])) (Case (TypeApply (Name Box) [(Name u8)]) _ (Block [])) "
       "(Case (FunctionType [(TypeSlot _ (Name A) _)] (Name B)) _ (Block [])) (Case (StructType [] [(FieldGroup [(Name "
       "a)] (Name u8) _)] _) _ (Block []))] _)"},
      {"if x == { case 1: if a { } else: b; }",
       "(Match (Name x) [(Case (IntLiteral 1) _ (Block [(ExprStatement (If _ (Name a) (Block []) _))]))] (Block "
       "[(ExprStatement (Name b))]))"},
      {"if x == { case 1: if a then b else: c; }", "E0201@1:31 else"},
      {"if x == { case 1: (4 + 5); else: break; }",
       "(Match (Name x) [(Case (IntLiteral 1) _ (Block [(ExprStatement (Binary + (IntLiteral 4) (IntLiteral 5)))]))] "
       "(Block []))"},
      {"if x == { else: (v) { } }", "(Match (Name x) [] (Block [(ExprStatement (Block []))]) else_capture)"},
      {"if x == { else: => 1; }", "(Match (Name x) [] (Block [(ExprStatement (IntLiteral 1))]))"},
  };
  for (const Case& c : cases) {
    const std::string expected =
        c.tree[0] == 'E' ? std::string(c.tree) : "(Block [(ExprStatement " + std::string(c.tree) + ")])";
    EXPECT_EQ(statements(c.source), expected) << c.source;
  }
}

TEST(ParseControl, Loops) {
  const Case cases[] = {
      {"while a { }", "(While _ (Name a) (Block []))"},
      {"while v := next() { }", "(While v (Call (Name next) [] _) (Block []))"},
      {"while (x) { }", "(While _ (Name x) (Block []))"},
      {"for f(a) (x) { }", "(For [(Iterable (Call (Name f) [(Name a)] _) .. _)] [(Capture x)] (Block []))"},
      {"for f(a) { }", "(For [(Iterable (Name f) .. _)] [(Capture a)] (Block []))"},
      {"for (f(a)) { }", "(For [(Iterable (Call (Name f) [(Name a)] _) .. _)] [] (Block []))"},
      {"for xs, 0.. (*p, i) => p.* = i;", "(For [(Iterable (Name xs) .. _) (Iterable (IntLiteral 0) is_range .. _)] "
                                          "[(Capture p by_reference) (Capture i)] "
                                          "(Assign = (Deref (Name p)) (Name i)) arrow)"},
      {"for 10<..=12 (k) { }",
       "(For [(Iterable (IntLiteral 10) is_range <..= (IntLiteral 12))] [(Capture k)] (Block []))"},
      {"for a.b(c)[0](d) (e) { }", "(For [(Iterable (Call (Index (Call (Member (Name a) b) [(Name c)] _) (IntLiteral "
                                   "0)) [(Name d)] _) .. _)] [(Capture e)] (Block []))"},
      {"inline for xs (*x) { }", "(For [(Iterable (Name xs) .. _)] [(Capture x by_reference)] (Block []) is_inline)"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(statements(c.source), "(Block [(ExprStatement " + std::string(c.tree) + ")])") << c.source;
}

TEST(ParseControl, PushTakesTheBlock) {
  EXPECT_EQ(statements("push C.{ a = 1 } { f(); }"),
            "(Block [(ExprStatement (Push (StructLiteral (Name C) [(NamedElement a (IntLiteral 1))] _) (Block "
            "[(ExprStatement (Call (Name f) [] _))])))])");
}

TEST(ParseControl, ATrailingBlockOpensOnTheSameLine) {
  EXPECT_EQ(statements("f()\n{ }"), "E0201@2:1 {");
  EXPECT_EQ(statements("f() { }"), "(Block [(ExprStatement (Call (Name f) [] (Block [])))])");
}

TEST(ParseControl, LambdasInCleanupBodiesMayJump) {
  for (std::string_view text : {"defer { f(() { return 1; }); }", "defer { g :: () { return; } }",
                                "onfail { f() { return; } }", "defer f(() => try g());"})
    EXPECT_EQ(Parsed(std::string(text), true).outcome(), "ok") << text;
}

// ---- declarations -----------------------------------------------------------------------------------

TEST(ParseDeclaration, Functions) {
  const Case cases[] = {
      {"f :: { }", "(ConstDecl f _ (Function [] _ _ \"\" (Block [])))"},
      {"f :: () => 1;", "(ConstDecl f _ (Function [] _ _ \"\" => (IntLiteral 1)))"},
      {"f :: (a: T = 1, ..b: []U) -> R { }", "(ConstDecl f _ (Function [(Param a (Name T) [] (IntLiteral 1)) (Param b "
                                             "is_variadic (SliceType (Name U)) [] _)] "
                                             "(Name R) _ \"\" (Block [])))"},
      {"f :: ($T: Type/Eq/Show, $n: i64, ..$xs) { }",
       "(ConstDecl f _ (Function [(Param T is_comptime (Name Type) [(Name Eq) (Name Show)] _) (Param n is_comptime "
       "(Name "
       "i64) [] _) (Param xs is_variadic is_comptime _ [] _)] _ _ \"\" (Block [])))"},
      {"f :: (a: i64) -> i64 abi(.c) extern lib \"g\";", "(ConstDecl f _ (Function [(Param a (Name i64) [] _)] (Name "
                                                         "i64) abi-c extern lib \"g\" has_symbol bodiless _))"},
      {"f :: () export \"g\" { }", "(ConstDecl f _ (Function [] _ export _ \"g\" has_symbol (Block [])))"},
      {"f :: (s: string) -> u32 abi(.zig) extern compiler;",
       "(ConstDecl f _ (Function [(Param s (Name string) [] _)] (Name u32) abi-zig extern compiler \"\" bodiless _))"},
      {"f :: (x: T) intrinsic;", "(ConstDecl f _ (Function [(Param x (Name T) [] _)] _ _ \"\" intrinsic _))"},
      {"f :: ufcs (x: T) { }", "(ConstDecl f _ (Function [(Param x (Name T) [] _)] _ _ \"\" is_ufcs (Block [])))"},
      {"f :: () -> struct { n: i64; } { }",
       "(ConstDecl f _ (Function [] (StructType [] [(FieldGroup [(Name n)] (Name i64) _)] _) _ \"\" (Block [])))"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(items(c.source), "(File [" + std::string(c.tree) + "])") << c.source;
}

TEST(ParseDeclaration, ConstantsThatLookLikeFunctions) {
  const Case cases[] = {
      {"F :: (i64) -> i64;", "(ConstDecl F _ (FunctionType [(TypeSlot _ (Name i64) _)] (Name i64)))"},
      {"F :: () -> struct { n: i64; };",
       "(ConstDecl F _ (FunctionType [] (StructType [] [(FieldGroup [(Name n)] (Name i64) _)] _)))"},
      {"F :: (i64) -> i64 abi(.c);", "(ConstDecl F _ (FunctionType [(TypeSlot _ (Name i64) _)] (Name i64) abi-c))"},
      {"K :: (1 + 2) * 3;", "(ConstDecl K _ (Binary * (Binary + (IntLiteral 1) (IntLiteral 2)) (IntLiteral 3)))"},
      {"E :: error.Late;", "(ConstDecl E _ (ErrorLiteral Late))"},
      {"P :: protocol;", "(ConstDecl P _ (Name protocol))"},
      {"U :: ufcs;", "(ConstDecl U _ (Name ufcs))"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(items(c.source), "(File [" + std::string(c.tree) + "])") << c.source;
}

TEST(ParseDeclaration, OtherItems) {
  const Case cases[] = {
      {"#import \"a\\b\";", "(Import \"a\\\\b\")"},
      {"ns :: #import \"x\";", "(ConstDecl ns _ (Import \"x\"))"},
      {"c :: #import c { #include \"h.h\"; #source \"f.c\"; #define \"K\"; #flags \"-O\"; };",
       "(ConstDecl c _ (CImport [(CImportEntry #include \"h.h\") (CImportEntry #source \"f.c\") (CImportEntry #define "
       "\"K\") (CImportEntry #flags \"-O\")]))"},
      {"h :: #library \"m\";", "(ConstDecl h _ (Library \"m\"))"},
      {"private a := 1;", "(VarDecl a is_private _ (IntLiteral 1) _ \"\")"},
      {"private n :: #import \"x\";", "(ConstDecl n is_private _ (Import \"x\"))"},
      {"v : i64 extern lib \"s\";", "(VarDecl v (Name i64) _ is_extern lib \"s\" has_symbol)"},
      {"K :: intrinsic;", "(ConstDecl K _ (IntrinsicConst _))"},
      {"K :: []T intrinsic;", "(ConstDecl K _ (IntrinsicConst (SliceType (Name T))))"},
      {"g :: ufcs f;", "(ConstDecl g _ (UfcsAlias f))"},
      {"E :: error { A, B, }", "(ConstDecl E _ (ErrorSet [(Name A) (Name B)]))"},
      {"E :: error { };", "(ConstDecl E _ (ErrorSet []))"},
      {"#run f();", "(ExprStatement (Run (Call (Name f) [] _)))"},
      {"#error(\"no\");", "(ErrorDirective \"no\")"},
      {"#context_extend log: L = .{};", "(ContextExtend log (Name L) (StructLiteral _ [] _))"},
      {"#framework \"F\";", "(Framework \"F\")"},
      {"asm { \"nop\", };", "(GlobalAsm (StringLiteral \"nop\" \"nop\"))"},
      {"Self :: 1;", "(ConstDecl Self _ (IntLiteral 1))"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(items(c.source), "(File [" + std::string(c.tree) + "])") << c.source;
}

TEST(ParseDeclaration, Structs) {
  EXPECT_EQ(
      items("S :: struct($T: Type/Eq, $n: u32, ..$Ts: []Type) { a, if: T = 1; #using B; K :: 3; C: u8 : 4 "
            "m :: (self: *S) -> T #get => self.a; m :: (self: *S, v: T) #set { } _: u8 }"),
      "(File [(ConstDecl S _ (StructType [(Param T is_comptime (Name Type) [(Name Eq)] _) (Param n is_comptime "
      "(Name u32) [] _) (Param Ts is_variadic is_comptime (SliceType (Name Type)) [] _)] [(FieldGroup [(Name a) "
      "(Name if)] (Name T) (IntLiteral 1)) (Using B) (ConstDecl K _ (IntLiteral 3)) (ConstDecl C (Name u8) "
      "(IntLiteral 4)) (ConstDecl m _ (Function [(Param self (PointerType (Name S)) [] _)] (Name T) #get _ \"\" => "
      "(Member (Name self) a))) (ConstDecl m _ (Function [(Param self (PointerType (Name S)) [] _) (Param v (Name "
      "T) [] _)] _ #set _ \"\" (Block []))) (FieldGroup [(Name _)] (Name u8) _)] _))])");
}

TEST(ParseDeclaration, ProtocolsAndImpls) {
  EXPECT_EQ(
      items("P :: protocol(T: Type) #inline #identity { a :: (self: *Self, x: T) -> !\n if :: (self: Self) { } }"),
      "(File [(ConstDecl P _ (ProtocolType [(Param T (Name Type) [] _)] is_inline is_identity [(ProtocolMethod a "
      "self_by_pointer [(Param x (Name T) [] _)] (ErrorChannel _) _) (ProtocolMethod if [] _ (Block []))]))])");
  EXPECT_EQ(
      items("impl P(*T, u8) for Node($R, ..$Ts) { m :: (self: *Node) => 1; }"),
      "(File [(Impl P [(PointerType (Name T)) (Name u8)] has_args (TypeApply (Name Node) [(TypeIntro R []) (Spread "
      "(TypeIntro Ts []))]) [(ConstDecl m _ (Function [(Param self (PointerType (Name Node)) [] _)] _ _ \"\" => "
      "(IntLiteral 1)))])])");
  EXPECT_EQ(items("impl P for Box($T, ..$Ts) { }"),
            "(File [(Impl P [] (TypeApply (Name Box) [(TypeIntro T []) (Spread (TypeIntro Ts []))]) [])])");
  EXPECT_EQ(items("impl P for f64 { }"), "(File [(Impl P [] (Name f64) [])])");
}

TEST(ParseDeclaration, ModuleConditionals) {
  EXPECT_EQ(
      items("inline if OS == .linux and (ARCH != .wasm32) { #import \"x\"; private a := 1; asm { \"\" }; { #run "
            "f(); } } else if POINTER_SIZE == 4 { } else { inline if OS == { case .macos: b := 1; else: } }"),
      "(File [(If _ (Binary and (Binary == (Name OS) (DotName linux)) (Binary != (Name ARCH) (DotName wasm32))) "
      "(Block [(Import \"x\") (VarDecl a is_private _ (IntLiteral 1) _ \"\") (GlobalAsm (StringLiteral \"\" \"\")) "
      "(Block [(ExprStatement (Run (Call (Name f) [] _)))])]) (If _ (Binary == (Name POINTER_SIZE) (IntLiteral 4)) "
      "(Block []) (Block [(Match (Name OS) [(Case (DotName macos) _ (Block [(VarDecl b _ (IntLiteral 1) _ "
      "\"\")]))] (Block []) is_inline)]) is_inline) is_inline)])");
}

// ---- spans and texts --------------------------------------------------------------------------------

TEST(ParseSpans, CoverTheWrittenExtent) {
  struct SpanCase {
    std::string_view source;
    Kind kind;
    std::string_view text; ///< of the first node of that kind
  };
  const SpanCase cases[] = {
      {"x := (a) + (b);", Kind::Binary, "(a) + (b)"},
      {"x := (a + b);", Kind::Binary, "a + b"},
      {"x := (f)(1) + 2;", Kind::Call, "(f)(1)"},
      {"x := y;", Kind::VarDecl, "x := y;"},
      {"private x := y;", Kind::VarDecl, "x := y;"},
      {"`x := `if;", Kind::VarDecl, "x := `if;"},
      {"f :: () { }", Kind::ConstDecl, "f :: () { }"},
      {"f :: () => 1;", Kind::ConstDecl, "f :: () => 1;"},
      {"f :: () => 1;", Kind::Function, "() => 1"},
      {"f :: () { a = b; }", Kind::Assign, "a = b;"},
      {"f :: () { raise e; }", Kind::Raise, "raise e;"},
      {"f :: () { return e; }", Kind::Return, "return e;"},
      {"f :: () { g(); }", Kind::ExprStatement, "g();"},
      {"f :: () { if c then return; }", Kind::Return, "return"},
      {"#import \"x\";", Kind::Import, "#import \"x\";"},
      {"n :: #import \"x\";", Kind::Import, "#import \"x\""},
      {"#error(\"x\");", Kind::ErrorDirective, "#error(\"x\");"},
      {"impl P for T { }", Kind::Impl, "impl P for T { }"},
      {"x := xx y + 1;", Kind::Unary, "xx y"},
      {"x := f(n = 1);", Kind::NamedArgument, "n = 1"},
      {"x := f(..y);", Kind::Spread, "..y"},
      {"x := l |> f(1);", Kind::Call, "f(1)"},
      {"x := T.{ 1 };", Kind::StructLiteral, "T.{ 1 }"},
      {"f :: () { if a == { case int: (x) b; } }", Kind::Case, "case int: (x) b;"},
      {"f :: () { inline if a { } }", Kind::If, "inline if a { }"},
      {"x : a.b.c(d);", Kind::TypeApply, "a.b.c(d)"},
      {"x := #string A\nhi\nA;", Kind::StringLiteral, "hi\n"},
      {"f :: (a: i64, ..b: []T) { }", Kind::Param, "a: i64"},
  };
  for (const SpanCase& c : cases) {
    const Parsed parsed{std::string(c.source)};
    ASSERT_TRUE(parsed.ok()) << c.source << parsed.outcome();
    NodeId found;
    for (std::uint32_t i = 0; i < parsed.tree->size() && !found.valid(); ++i)
      if (parsed.tree->kind(NodeId(i)) == c.kind)
        found = NodeId(i);
    ASSERT_TRUE(found.valid()) << c.source;
    EXPECT_EQ(parsed.sources.text(parsed.tree->span(found)), c.text) << c.source;
  }
}

TEST(ParseText, AcceptsEmptyFilesAndCarriageReturns) {
  EXPECT_EQ(items(""), "(File [])");
  EXPECT_EQ(items("// only a comment"), "(File [])");
  EXPECT_EQ(items("\xEF\xBB\xBF"
                  "a := 1;\r\n"),
            "(File [(VarDecl a _ (IntLiteral 1) _ \"\")])");
  EXPECT_EQ(statements(""), "(Block [])");
}

TEST(ParseText, RefusesFilesOverTheLimit) {
  EXPECT_EQ(outcome_of(std::string(SourceMap::max_file_bytes + 1, ' ')), "E0107@1:1 ");
  EXPECT_EQ(outcome_of(std::string(SourceMap::max_file_bytes, ' ')), "ok");
}

} // namespace
} // namespace sx::syntax
