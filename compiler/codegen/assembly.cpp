// Inline assembly: from operands as they are written to LLVM's constraints and back (R2.125, R2.126).
//
// LLVM wants outputs first, then inputs; registers that are written are parts of the result, memory is passed by
// address, and a place that is also read has a second operand tied to the first.

#include "codegen/function_emitter.h"

#include <algorithm>
#include <llvm/ADT/StringExtras.h>
#include <llvm/IR/InlineAsm.h>

namespace sx::codegen {

using ir::AssemblyRole;

namespace {

/// One operand of the source, with its place among LLVM's.
struct Part {
  const ir::AssemblyOperand* source = nullptr;
  std::string code;       ///< constraint without `=`, `+` and `*`
  bool reads = false;     ///< `+`
  bool in_memory = false; ///< LLVM gets an address
  bool is_symbol = false;
  unsigned number = 0;      ///< LLVM's
  std::size_t argument = 0; ///< index among the call's arguments, if it has one
};

Part part_of(const ir::Module& module, const ir::AssemblyOperand& operand) {
  Part made;
  made.source = &operand;
  for (const char c : module.text(operand.constraint)) {
    made.reads = made.reads || c == '+';
    made.in_memory = made.in_memory || c == '*';
    if (c != '=' && c != '+' && c != '*')
      made.code += c == ',' ? '|' : c;
  }
  made.is_symbol = made.code == "s";
  // LLVM has memory operands by address only.
  if (made.code.find('{') == std::string::npos && made.code.find('m') != std::string::npos &&
      operand.role != AssemblyRole::Value)
    made.in_memory = true;
  return made;
}

/// LLVM's template: `$` is its escape, `%` is ours.
std::string template_of(std::string_view text, const std::vector<Part>& parts) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '$') {
      out += "$$";
      continue;
    }
    const char next = c == '%' && at + 1 < text.size() ? text[at + 1] : '\0';
    if (next == '%') {
      out += '%';
      ++at;
    } else if (next == '=') {
      out += "${:uid}";
      ++at;
    } else if (const std::size_t close = next == '[' ? text.find(']', at) : std::string_view::npos;
               close != std::string_view::npos) {
      const std::string inside(text.substr(at + 2, close - at - 2));
      const std::size_t colon = inside.find(':');
      const std::size_t index = std::strtoul(inside.c_str(), nullptr, 10);
      if (index < parts.size()) {
        std::string modifier = colon == std::string::npos ? std::string() : inside.substr(colon);
        if (modifier.empty() && parts[index].is_symbol)
          modifier = ":P"; // symbols print bare
        out += "${" + std::to_string(parts[index].number) + modifier + "}";
      }
      at = close;
    } else {
      out += c;
    }
  }
  return out;
}

} // namespace

llvm::Value* FunctionEmitter::assembly(ir::NodeId id, const ir::Node& n, std::optional<Place> to) {
  const ir::Extern& external = m_.ir().externs[n.a];
  const ir::Assembly& source = *external.assembly;
  const auto arguments = list(n);
  std::vector<Part> parts;
  std::size_t next_argument = 0;
  for (const ir::AssemblyOperand& operand : source.operands) {
    Part part = part_of(m_.ir(), operand);
    if (operand.role != AssemblyRole::Value)
      part.argument = next_argument++;
    parts.push_back(std::move(part));
  }
  if (next_argument != arguments.size()) {
    m_.fail("an assembly does not fit its arguments");
    return nothing(n.type);
  }
  std::vector<llvm::Value*> given;
  for (const std::uint32_t argument : arguments)
    given.push_back(value(ir::NodeId(argument)));

  std::vector<std::string> constraints;
  std::vector<llvm::Type*> results;
  std::vector<llvm::Value*> operands;
  std::vector<std::pair<unsigned, llvm::Type*>> addressed; ///< operands that are addresses of memory, by index
  const auto pass_address = [&](llvm::Value* address, llvm::Type* type) {
    addressed.emplace_back(static_cast<unsigned>(operands.size()), type);
    operands.push_back(address);
  };
  for (Part& part : parts) {
    if (part.source->role == AssemblyRole::Input || part.in_memory)
      continue;
    part.number = static_cast<unsigned>(constraints.size());
    constraints.push_back("=" + part.code);
    results.push_back(m_.types().stored(part.source->type));
  }
  for (Part& part : parts) {
    if (part.source->role != AssemblyRole::Place || !part.in_memory)
      continue;
    part.number = static_cast<unsigned>(constraints.size());
    constraints.push_back("=*" + part.code);
    pass_address(given[part.argument], m_.types().stored(part.source->type));
  }
  for (Part& part : parts) {
    if (part.source->role != AssemblyRole::Input)
      continue;
    part.number = static_cast<unsigned>(constraints.size());
    const ir::NodeId argument(arguments[part.argument]);
    const ir::TypeId type = type_of(argument);
    llvm::Value* input = given[part.argument];
    if (part.in_memory) {
      Place held{input, m_.types().align(type)};
      if (!m_.types().in_memory(type)) {
        held = slot(type);
        store(held, input, type);
      }
      constraints.push_back("*" + part.code);
      pass_address(held.address, m_.types().stored(type));
      continue;
    }
    // A constraint that is a number ties the input to that operand.
    const bool tied = !part.code.empty() && std::ranges::all_of(part.code, [](char c) { return c >= '0' && c <= '9'; });
    const std::size_t index = tied ? std::strtoul(part.code.c_str(), nullptr, 10) : parts.size();
    constraints.push_back(index < parts.size() ? std::to_string(parts[index].number) : part.code);
    operands.push_back(m_.types().to_stored(b_, input, type));
  }
  for (const Part& part : parts) {
    if (part.source->role != AssemblyRole::Place || !part.reads)
      continue;
    const ir::TypeId type = part.source->type;
    if (part.in_memory) {
      constraints.push_back("*" + part.code);
      pass_address(given[part.argument], m_.types().stored(type));
    } else {
      constraints.push_back(std::to_string(part.number));
      operands.push_back(b_.CreateAlignedLoad(m_.types().stored(type), given[part.argument], m_.types().align(type)));
    }
  }
  for (const StringId clobber : source.clobbers)
    constraints.push_back("~{" + std::string(m_.ir().text(clobber)) + "}");
  if (m_.target().platform == Platform::SystemV64)
    for (const char* flags : {"~{dirflag}", "~{fpsr}", "~{flags}"})
      constraints.emplace_back(flags);

  llvm::Type* result = results.empty()       ? llvm::Type::getVoidTy(m_.context())
                       : results.size() == 1 ? results[0]
                                             : llvm::StructType::get(m_.context(), results);
  llvm::SmallVector<llvm::Type*, 8> types;
  for (const llvm::Value* operand : operands)
    types.push_back(operand->getType());
  auto* type = llvm::FunctionType::get(result, types, false);
  const std::string joined = llvm::join(constraints, ",");
  if (llvm::Error wrong = llvm::InlineAsm::verify(type, joined)) {
    m_.fail("the operands of an 'asm' do not fit together: " + llvm::toString(std::move(wrong)));
    return nothing(n.type);
  }
  auto* code = llvm::InlineAsm::get(type, template_of(m_.ir().text(source.text), parts), joined, source.is_volatile);
  locate(id);
  llvm::CallInst* call = b_.CreateCall(type, code, operands);
  for (const auto& [index, pointee] : addressed)
    call->addParamAttr(index, llvm::Attribute::get(m_.context(), llvm::Attribute::ElementType, pointee));

  // Registers into places; the rest is the result.
  std::vector<std::pair<llvm::Value*, ir::TypeId>> values;
  for (const Part& part : parts) {
    if (part.source->role == AssemblyRole::Input || part.in_memory)
      continue;
    llvm::Value* piece = results.size() == 1 ? call : b_.CreateExtractValue(call, part.number);
    if (part.source->role == AssemblyRole::Place)
      b_.CreateAlignedStore(piece, given[part.argument], m_.types().align(part.source->type));
    else
      values.emplace_back(piece, part.source->type);
  }
  if (values.empty())
    return nothing(n.type);
  if (!m_.types().in_memory(n.type))
    return m_.types().from_stored(b_, values[0].first, n.type);
  const Place whole = to ? *to : slot(n.type);
  const auto& fields = this->type(n.type).fields;
  if (fields.size() != values.size()) {
    m_.fail("an assembly does not fit its result");
    return nothing(n.type);
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Place field = offset(whole, fields[i].offset);
    b_.CreateAlignedStore(values[i].first, field.address, field.align);
  }
  return whole.address;
}

} // namespace sx::codegen
