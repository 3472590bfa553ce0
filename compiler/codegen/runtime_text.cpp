#include "codegen/runtime_text.h"

#include <llvm/AsmParser/Parser.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Support/SourceMgr.h>

namespace sx::codegen {

namespace {

// WORD stands for the integer of pointer size.
constexpr std::string_view trap_text = R"(
declare WORD @write(i32, ptr, WORD)
declare void @_exit(i32)

define linkonce_odr hidden void @sx.trap.exit(i32 %fd, ptr %text, WORD %length) noreturn nounwind cold noinline {
  %written = call WORD @write(i32 %fd, ptr %text, WORD %length)
  call void @_exit(i32 1)
  unreachable
}
)";

// A real division raises the signal the language promises, wherever the code runs.
constexpr std::string_view divide_x86 = R"(
define linkonce_odr hidden void @sx.trap.divide() noreturn nounwind cold noinline {
  call void asm sideeffect "xorl %ecx, %ecx\0Axorl %edx, %edx\0Adivl %ecx", "~{eax},~{ecx},~{edx},~{dirflag},~{fpsr},~{flags}"()
  unreachable
}
)";
constexpr std::string_view divide_wasm = R"(
declare void @llvm.trap()
define linkonce_odr hidden void @sx.trap.divide() noreturn nounwind cold noinline {
  call void @llvm.trap()
  unreachable
}
)";

constexpr std::string_view ring_linked = R"(
@sx.trace.ring = internal thread_local global %ring zeroinitializer, align 8
define linkonce_odr hidden ptr @sx_trace_ring() nounwind {
  %ring = call ptr @llvm.threadlocal.address.p0(ptr @sx.trace.ring)
  ret ptr %ring
}
declare ptr @llvm.threadlocal.address.p0(ptr)
)";
constexpr std::string_view ring_in_process = "declare ptr @sx_trace_ring()\n";

// %ring: index of the oldest frame, number of frames, truncated flag, padding, frames. %frame: the record of R6.133.
constexpr std::string_view trace_text = R"(
%ring = type { i32, i32, i32, i32, [32 x i64] }
%string = type { ptr, i64 }
%frame = type { %string, i32, i32, %string, %string }

define weak_odr void @sx_trace_push(i64 %frame) nounwind {
  %ring = call ptr @sx_trace_ring()
  %count.at = getelementptr %ring, ptr %ring, i32 0, i32 1
  %start = load i32, ptr %ring
  %count = load i32, ptr %count.at
  %end = add i32 %start, %count
  %slot = and i32 %end, 31
  %slot.at = getelementptr %ring, ptr %ring, i32 0, i32 4, i32 %slot
  store i64 %frame, ptr %slot.at
  %full = icmp uge i32 %count, 32
  br i1 %full, label %drop, label %append
append:
  %more = add i32 %count, 1
  store i32 %more, ptr %count.at
  ret void
drop:
  %next = add i32 %start, 1
  %wrapped = and i32 %next, 31
  store i32 %wrapped, ptr %ring
  %truncated.at = getelementptr %ring, ptr %ring, i32 0, i32 2
  store i32 1, ptr %truncated.at
  ret void
}

define weak_odr void @sx_trace_clear() nounwind {
  %ring = call ptr @sx_trace_ring()
  store i32 0, ptr %ring
  %count.at = getelementptr %ring, ptr %ring, i32 0, i32 1
  store i32 0, ptr %count.at
  %truncated.at = getelementptr %ring, ptr %ring, i32 0, i32 2
  store i32 0, ptr %truncated.at
  ret void
}

define weak_odr i32 @sx_trace_len() nounwind {
  %ring = call ptr @sx_trace_ring()
  %count.at = getelementptr %ring, ptr %ring, i32 0, i32 1
  %count = load i32, ptr %count.at
  ret i32 %count
}

define weak_odr i32 @sx_trace_truncated() nounwind {
  %ring = call ptr @sx_trace_ring()
  %truncated.at = getelementptr %ring, ptr %ring, i32 0, i32 2
  %truncated = load i32, ptr %truncated.at
  ret i32 %truncated
}

define weak_odr i64 @sx_trace_frame_at(i32 %i) nounwind {
  %ring = call ptr @sx_trace_ring()
  %count.at = getelementptr %ring, ptr %ring, i32 0, i32 1
  %count = load i32, ptr %count.at
  %inside = icmp ult i32 %i, %count
  br i1 %inside, label %found, label %outside
found:
  %start = load i32, ptr %ring
  %at = add i32 %start, %i
  %slot = and i32 %at, 31
  %slot.at = getelementptr %ring, ptr %ring, i32 0, i32 4, i32 %slot
  %frame = load i64, ptr %slot.at
  ret i64 %frame
outside:
  ret i64 0
}

@sx.trace.unhandled = private constant [43 x i8] c"error: unhandled error reached main: error."
@sx.trace.header = private constant [44 x i8] c"error return trace (most recent call last):\0A"
@sx.trace.omitted = private constant [41 x i8] c"  ... older frames omitted (buffer full)\0A"
@sx.trace.indent = private constant [4 x i8] c"    "
@sx.trace.spaces = private constant [64 x i8] c"                                                                "
@sx.trace.marks = private constant [8 x i8] c" at :\0A^\0A"

define internal void @sx.trace.put(ptr %text, WORD %length) nounwind {
  %written = call WORD @write(i32 2, ptr %text, WORD %length)
  ret void
}

; Lengths of strings are i64 and little-endian: the word at the same address is their low part.
define internal void @sx.trace.put_string(ptr %string) nounwind {
  %text = load ptr, ptr %string
  %length.at = getelementptr %string, ptr %string, i32 0, i32 1
  %length = load WORD, ptr %length.at
  call void @sx.trace.put(ptr %text, WORD %length)
  ret void
}

define internal void @sx.trace.put_number(i32 %number) nounwind {
entry:
  %digits = alloca [10 x i8]
  br label %digit
digit:
  %left = phi i32 [ %number, %entry ], [ %quotient, %digit ]
  %at = phi WORD [ 10, %entry ], [ %before, %digit ]
  %before = sub WORD %at, 1
  %quotient = udiv i32 %left, 10
  %value = urem i32 %left, 10
  %character = add i32 %value, 48
  %byte = trunc i32 %character to i8
  %byte.at = getelementptr i8, ptr %digits, WORD %before
  store i8 %byte, ptr %byte.at
  %done = icmp eq i32 %quotient, 0
  br i1 %done, label %write, label %digit
write:
  %count = sub WORD 10, %before
  call void @sx.trace.put(ptr %byte.at, WORD %count)
  ret void
}

define internal void @sx.trace.put_spaces(i64 %count) nounwind {
entry:
  br label %check
check:
  %left = phi i64 [ %count, %entry ], [ %rest, %some ]
  %more = icmp sgt i64 %left, 0
  br i1 %more, label %some, label %done
some:
  %now = call i64 @llvm.smin.i64(i64 %left, i64 64)
  %word = call WORD @sx.trace.word(i64 %now)
  call void @sx.trace.put(ptr @sx.trace.spaces, WORD %word)
  %rest = sub i64 %left, %now
  br label %check
done:
  ret void
}
declare i64 @llvm.smin.i64(i64, i64)

define internal WORD @sx.trace.word(i64 %wide) nounwind {
  %cell = alloca i64
  store i64 %wide, ptr %cell
  %word = load WORD, ptr %cell
  ret WORD %word
}

define internal void @sx.trace.put_frame(ptr %frame) nounwind {
  %line.at = getelementptr %frame, ptr %frame, i32 0, i32 1
  %column.at = getelementptr %frame, ptr %frame, i32 0, i32 2
  %function.at = getelementptr %frame, ptr %frame, i32 0, i32 3
  %source.at = getelementptr %frame, ptr %frame, i32 0, i32 4
  %line = load i32, ptr %line.at
  %column = load i32, ptr %column.at
  %colon = getelementptr i8, ptr @sx.trace.marks, i32 4
  %newline = getelementptr i8, ptr @sx.trace.marks, i32 5
  %caret = getelementptr i8, ptr @sx.trace.marks, i32 6
  call void @sx.trace.put(ptr @sx.trace.indent, WORD 2)
  call void @sx.trace.put_string(ptr %function.at)
  call void @sx.trace.put(ptr @sx.trace.marks, WORD 4)
  call void @sx.trace.put_string(ptr %frame)
  call void @sx.trace.put(ptr %colon, WORD 1)
  call void @sx.trace.put_number(i32 %line)
  call void @sx.trace.put(ptr %colon, WORD 1)
  call void @sx.trace.put_number(i32 %column)
  call void @sx.trace.put(ptr %newline, WORD 1)
  %length.at = getelementptr %string, ptr %source.at, i32 0, i32 1
  %length = load i64, ptr %length.at
  %blank = icmp eq i64 %length, 0
  br i1 %blank, label %done, label %snippet
snippet:
  call void @sx.trace.put(ptr @sx.trace.indent, WORD 4)
  call void @sx.trace.put_string(ptr %source.at)
  call void @sx.trace.put(ptr %newline, WORD 1)
  call void @sx.trace.put(ptr @sx.trace.indent, WORD 4)
  %left = sub i32 %column, 1
  %left.wide = sext i32 %left to i64
  %before = call i64 @llvm.smin.i64(i64 %left.wide, i64 %length)
  call void @sx.trace.put_spaces(i64 %before)
  call void @sx.trace.put(ptr %caret, WORD 2)
  br label %done
done:
  ret void
}

define weak_odr void @sx_trace_report_unhandled(i32 %tag, ptr %name, WORD %length) nounwind {
entry:
  call void @sx.trace.put(ptr @sx.trace.unhandled, WORD 43)
  call void @sx.trace.put(ptr %name, WORD %length)
  %newline = getelementptr i8, ptr @sx.trace.marks, i32 5
  call void @sx.trace.put(ptr %newline, WORD 1)
  %count = call i32 @sx_trace_len()
  %empty = icmp eq i32 %count, 0
  br i1 %empty, label %done, label %trace
trace:
  call void @sx.trace.put(ptr @sx.trace.header, WORD 44)
  %truncated = call i32 @sx_trace_truncated()
  %whole = icmp eq i32 %truncated, 0
  br i1 %whole, label %frames, label %cut
cut:
  call void @sx.trace.put(ptr @sx.trace.omitted, WORD 41)
  br label %frames
frames:
  br label %next
next:
  %i = phi i32 [ 0, %frames ], [ %following, %next ]
  %handle = call i64 @sx_trace_frame_at(i32 %i)
  %frame = inttoptr i64 %handle to ptr
  call void @sx.trace.put_frame(ptr %frame)
  %following = add i32 %i, 1
  %more = icmp ult i32 %following, %count
  br i1 %more, label %next, label %done
done:
  ret void
}
)";

struct RuntimeFunction {
  const char* name;
  const char* parameters; ///< w word, p pointer, i i32, q i64
  char result;            ///< v void, i i32, q i64
};
constexpr RuntimeFunction trace_functions[] = {
    {"sx_trace_push", "q", 'v'},     {"sx_trace_clear", "", 'v'},     {"sx_trace_len", "", 'i'},
    {"sx_trace_truncated", "", 'i'}, {"sx_trace_frame_at", "i", 'q'}, {"sx_trace_report_unhandled", "ipw", 'v'},
};

bool is_wanted(const llvm::Module& out, llvm::StringRef name) {
  const llvm::Function* found = out.getFunction(name);
  return found && found->isDeclaration();
}

bool uses_traces(const llvm::Module& out) {
  for (const RuntimeFunction& row : trace_functions)
    if (is_wanted(out, row.name))
      return true;
  return false;
}

void declare_traces(llvm::Module& out, unsigned word_bits) {
  llvm::LLVMContext& context = out.getContext();
  const auto type = [&](char letter) -> llvm::Type* {
    switch (letter) {
    case 'p': return llvm::PointerType::get(context, 0);
    case 'i': return llvm::Type::getInt32Ty(context);
    case 'q': return llvm::Type::getInt64Ty(context);
    case 'w': return llvm::IntegerType::get(context, word_bits);
    default: return llvm::Type::getVoidTy(context);
    }
  };
  for (const RuntimeFunction& row : trace_functions) {
    llvm::SmallVector<llvm::Type*, 3> params;
    for (const char letter : std::string_view(row.parameters))
      params.push_back(type(letter));
    out.getOrInsertFunction(row.name, llvm::FunctionType::get(type(row.result), params, false));
  }
}

std::string for_word(std::string text, unsigned bits) {
  constexpr std::string_view placeholder = "WORD";
  const std::string word = "i" + std::to_string(bits);
  for (std::size_t at = text.find(placeholder); at != std::string::npos; at = text.find(placeholder, at + word.size()))
    text.replace(at, placeholder.size(), word);
  return text;
}

} // namespace

std::expected<void, Error> link_runtime(llvm::Module& out, const TargetFacts& target, RuntimeUse use) {
  const bool traces = uses_traces(out);
  if (!traces && !is_wanted(out, runtime_trap_exit) && !is_wanted(out, runtime_divide_trap))
    return {};
  std::string text(trap_text);
  text += target.platform == Platform::SystemV64 ? divide_x86 : divide_wasm;
  if (traces) {
    declare_traces(out, target.pointer_bytes * 8);
    text += trace_text;
    text += use == RuntimeUse::Linked ? ring_linked : ring_in_process;
  }
  llvm::SMDiagnostic problem;
  auto runtime =
      llvm::parseAssemblyString(for_word(std::move(text), target.pointer_bytes * 8), problem, out.getContext());
  if (!runtime)
    return std::unexpected(Error{"internal error: the runtime text is malformed: " + problem.getMessage().str()});
  runtime->setTargetTriple(out.getTargetTriple());
  runtime->setDataLayout(out.getDataLayout());
  if (llvm::Linker::linkModules(out, std::move(runtime), llvm::Linker::Flags::LinkOnlyNeeded))
    return std::unexpected(Error{"internal error: the runtime text does not link"});
  for (const char* name : {runtime_trap_exit, runtime_divide_trap})
    if (llvm::Function* made = out.getFunction(name); made && !made->isDeclaration()) {
      made->setVisibility(llvm::GlobalValue::DefaultVisibility);
      made->setLinkage(llvm::GlobalValue::InternalLinkage);
    }
  return {};
}

} // namespace sx::codegen
