#pragma once
// What all evaluations of one engine share: compiled code, and where constants and globals stand in memory.

#include "comptime/engine.h"
#include "comptime/vm/bytecode.h"
#include "comptime/vm/memory.h"

#include <array>
#include <expected>
#include <memory>
#include <unordered_map>
#include <vector>

namespace sx::comptime::vm {

/// Addresses are given once and hold in the memory of every evaluation, so compiled code contains them.
class Program {
public:
  Program(ir::Module& module, Host& host) : module_(module), host_(host) {}

  ir::Module& module() { return module_; }
  const ir::Module& module() const { return module_; }
  Host& host() { return host_; }

  /// The compiled function, lowered and compiled at the first request; a failure is the same each time.
  std::expected<const Code*, Failure> function(ir::FuncId id, Mode mode);
  /// Compiled functions by id, null where there is none yet. Valid until the next `function`.
  std::span<Code* const> functions(Mode mode) const { return linked_[static_cast<std::size_t>(mode)]; }

  /// The node that a sound body returns, if all it does is to compute a word from its parameters, and that can't fail.
  std::optional<std::uint32_t> expression_of(ir::FuncId id);

  /// Read-only bytes with a NUL behind them; none if the constants segment is full.
  std::optional<Address> data_address(ir::DataId id);
  std::optional<Address> text_address(std::string_view text);
  /// Where a global's value stands (its bytes may not be there yet); none if it has no room.
  std::optional<Address> global_address(ir::GlobalId id);
  /// Whether laying the global out needs no evaluation: its value is there and names no other global.
  bool stands_alone(ir::GlobalId id) const;
  /// Where object `index` (1 or more) of a global's image stands.
  std::optional<Address> object_address(ir::GlobalId id, std::size_t index, const ir::ImageObject& object);
  Address extern_address(ir::ExternId id) const {
    return bias() + FlatMemory::externs_offset + std::uint64_t{16} * id.value;
  }

  /// Copies constants that `memory` lacks into it. False: no host memory.
  bool load_constants(FlatMemory& memory) const;

  /// What an address in the constants or globals segment belongs to.
  struct Owner {
    enum class Kind : std::uint8_t { Data, Text, Global, Object } kind = Kind::Data;
    std::uint32_t id = 0; ///< of the data or global
    Address start = 0;
    std::uint64_t size = 0;
    std::uint32_t align = 1;
  };
  const Owner* find_owner(Address address) const;

private:
  Address bias() const { return FlatMemory::bias(module_.target.pointer_bytes); }
  std::optional<Address> place(bool constant, const Owner& owner);
  std::optional<std::uint32_t> find_expression(ir::FuncId id);
  std::expected<std::unique_ptr<Code>, Failure> make(ir::FuncId id, Mode mode);

  struct Compiled {
    std::unique_ptr<Code> code;
    std::optional<Failure> failure;
  };
  ir::Module& module_;
  Host& host_;
  std::array<std::vector<Compiled>, 2> compiled_;
  std::array<std::vector<Code*>, 2> linked_;
  std::vector<std::uint8_t> constants_; ///< bytes of the constants segment
  std::uint64_t globals_used_ = 0;
  std::vector<Owner> constant_owners_, global_owners_; ///< ascending start
  std::vector<Address> data_, globals_;                ///< by id, 0: none yet
  std::unordered_map<std::string, Address> texts_;
  std::unordered_map<std::uint64_t, Address> objects_;                          ///< global id << 32 | object
  std::unordered_map<std::uint32_t, std::optional<std::uint32_t>> expressions_; ///< by function
  std::size_t types_checked_ = 0;
  std::optional<std::string> types_wrong_;
  void check_types();
};

} // namespace sx::comptime::vm
