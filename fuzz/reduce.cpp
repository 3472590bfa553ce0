// reduce INPUT OUT: a verified module on which the engines disagree (or one of them dies), made as small as it gets
// while they do so in the same way; written as IR text.

#include "edit.h"
#include "graft.h"
#include "ir/codec.h"
#include "ir/print.h"
#include "ir/read.h"
#include "ir/tree.h"
#include "ir/verify.h"
#include "oracle.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace sx;

using Bytes = std::vector<std::uint8_t>;

/// What the oracle says of a module, numbers left out; empty: nothing. A crash is told by its status.
std::string verdict(const Bytes& bytes) {
  int ends[2];
  if (pipe(ends) != 0)
    return {};
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    if (freopen("/dev/null", "w", stderr) == nullptr)
      _exit(0);
    alarm(20);
    const auto module = ir::decode_tolerant(bytes);
    std::string text;
    if (ir::verify(*module, 1).empty())
      text = fuzz::find_disagreement(*module).value_or("");
    if (write(ends[1], text.data(), text.size()) < 0)
      _exit(0);
    _exit(0);
  }
  close(ends[1]);
  std::string said;
  char buffer[4096];
  for (ssize_t got = read(ends[0], buffer, sizeof buffer); got > 0; got = read(ends[0], buffer, sizeof buffer))
    said.append(buffer, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0)
    return "dies";
  std::erase_if(said, [](unsigned char c) { return std::isdigit(c) != 0; });
  if (const auto quoted = said.find('`'); quoted != std::string::npos)
    said.resize(quoted); // names of functions
  return said;
}

class Reducer {
public:
  explicit Reducer(Bytes bytes) : bytes_(std::move(bytes)), wanted_(verdict(bytes_)) {}

  bool run() {
    if (wanted_.empty())
      return false;
    std::fprintf(stderr, "%zu bytes: %s\n", bytes_.size(), wanted_.c_str());
    for (bool smaller = true; smaller;) {
      smaller = collect();
      for (std::uint32_t id = 0; id < functions(); ++id)
        smaller |= reduce(id);
      std::fprintf(stderr, "%zu bytes\n", bytes_.size());
    }
    return true;
  }
  const Bytes& bytes() const { return bytes_; }

private:
  std::uint32_t functions() const { return static_cast<std::uint32_t>(ir::decode_tolerant(bytes_)->functions.size()); }

  bool accept(const ir::Module& module) {
    Bytes bytes = ir::encode(module);
    if (bytes.size() >= bytes_.size() || verdict(bytes) != wanted_)
      return false;
    bytes_ = std::move(bytes);
    return true;
  }

  // One function that starts an evaluation, and what it needs.
  bool collect() {
    const auto module = ir::decode_tolerant(bytes_);
    for (const ir::FuncId entry : fuzz::entries(*module)) {
      ir::Module alone;
      alone.target = module->target;
      fuzz::Graft graft(*module, alone);
      graft.function(entry.value);
      for (const StringId name : module->error_names)
        alone.error_names.push_back(graft.string(name));
      for (ir::ReflectRow row : module->reflection) {
        row.name = graft.string(row.name);
        for (ir::ReflectMember& member : row.members)
          member.name = graft.string(member.name);
        alone.reflection.push_back(std::move(row));
      }
      graft.finish();
      if (accept(alone))
        return true;
    }
    return false;
  }

  bool reduce(std::uint32_t id) {
    bool smaller = false;
    const auto size = [&] { return ir::decode_tolerant(bytes_)->functions[id].nodes.size(); };
    for (std::size_t node = size(); node-- > 0;) {
      node = std::min(node, size());
      if (node == size())
        continue;
      for (unsigned way = 0; way < 40; ++way) {
        const auto module = ir::decode_tolerant(bytes_);
        if (node >= module->functions[id].nodes.size() || !ir::is_tree(module->functions[id]) ||
            !change(*module, id, static_cast<std::uint32_t>(node), way))
          break;
        if (accept(*module)) {
          smaller = true;
          break;
        }
      }
    }
    return smaller;
  }

  // Way 0: a constant; then the parts of the same type; then a block without one of its children. False: no such way.
  static bool change(ir::Module& module, std::uint32_t id, std::uint32_t at, unsigned way) {
    const ir::Function& function = module.functions[id];
    const ir::Node node = function.nodes[at];
    if (ir::info(node.op).category == ir::Category::Place)
      return false;
    if (way == 0)
      return simplest(module, id, at);
    --way;
    std::vector<std::uint32_t> parts = fuzz::subtree(function, at);
    std::erase_if(parts, [&](std::uint32_t part) {
      return part == at || function.nodes[part].type != node.type ||
             ir::info(function.nodes[part].op).category == ir::Category::Place;
    });
    if (way < parts.size()) {
      fuzz::replace_tree(module, ir::FuncId(id), at, [&](fuzz::Edit& edit) { return edit.original(parts[way]); });
      return true;
    }
    way -= static_cast<unsigned>(parts.size());
    if (node.op != ir::Op::Block || way >= node.c)
      return false;
    fuzz::replace_tree(module, ir::FuncId(id), at, [&](fuzz::Edit& edit) {
      const auto words = ir::list_of(edit.old(), node);
      std::vector<ir::NodeId> children;
      for (std::size_t i = 0; i < words.size(); ++i)
        if (i != way)
          children.push_back(edit.original(words[i]));
      return edit.build.block(node.a, node.type, children);
    });
    return true;
  }

  static bool simplest(ir::Module& module, std::uint32_t id, std::uint32_t at) {
    const ir::Node node = module.functions[id].nodes[at];
    const ir::Type type = module.type(node.type);
    if (node.op == ir::Op::ConstInt || node.op == ir::Op::ConstZero)
      return false;
    fuzz::replace_tree(module, ir::FuncId(id), at, [&](fuzz::Edit& edit) {
      switch (type.kind) {
      case ir::TypeKind::Void: return edit.build.block(0, node.type, {});
      case ir::TypeKind::Never: return edit.build.trap(ir::TrapKind::Unreachable, "");
      case ir::TypeKind::Bool:
      case ir::TypeKind::Int: return edit.build.const_int(node.type, 0);
      default: return edit.build.zero(node.type);
      }
    });
    return true;
  }

  Bytes bytes_;
  std::string wanted_;
};

Bytes input(const char* path) {
  std::ifstream in(path, std::ios::binary);
  Bytes bytes{std::istreambuf_iterator<char>(in), {}};
  if (!bytes.empty() && bytes.front() != 'S')
    if (const auto module = ir::read({reinterpret_cast<const char*>(bytes.data()), bytes.size()}))
      return ir::encode(**module);
  return bytes;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: reduce INPUT OUT\n");
    return 2;
  }
  Reducer reducer(input(argv[1]));
  if (!reducer.run()) {
    std::fprintf(stderr, "the engines agree\n");
    return 1;
  }
  std::ofstream(argv[2]) << ir::print(*ir::decode_tolerant(reducer.bytes()));
  return 0;
}
