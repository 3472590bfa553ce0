// Programs of hand-built IR on every dispatch kind.

#include "comptime/vm/engine.h"
#include "ir/builder.h"

#include <cstring>
#include <gtest/gtest.h>

namespace sx::comptime::vm {
namespace {

class TestHost : public Host {
public:
  explicit TestHost(ir::Module& module) : module_(module) {}
  bool ensure_body(ir::FuncId function) override { return module_.function(function).has_body(); }
  std::expected<const ir::FoldImage*, Failure> global_image(ir::GlobalId id) override {
    ir::Global& global = module_.globals[id.index()];
    if (!global.image && global.initializer) {
      Request request;
      request.entry = global.initializer;
      Outcome outcome = engine->evaluate(request);
      if (!outcome.image)
        return std::unexpected(*outcome.failure);
      global.image = *outcome.image;
    }
    return global.image ? &*global.image : nullptr;
  }
  bool write(int fd, std::string_view bytes) override {
    if (fd != 1 && fd != 2)
      return false;
    (fd == 1 ? out : err) += bytes;
    return true;
  }
  std::expected<std::string, Failure> compiler_call(std::uint32_t call,
                                                    std::span<const std::string> arguments) override {
    std::string text = std::to_string(call);
    for (const std::string& argument : arguments)
      text += "," + argument;
    return text;
  }
  std::string out, err;
  Engine* engine = nullptr;

private:
  ir::Module& module_;
};

TEST(Vm, sums_a_loop) {
  ir::Module module;
  const ir::FuncId id{std::size_t{0}};
  module.functions.emplace_back();
  ir::Function& f = module.functions[0];
  f.symbol = f.name = module.strings.intern("sum");
  ir::Builder b(module, f);
  const auto i64 = b.int_type(64, true);
  f.signature = b.signature_type({}, i64);
  const auto i = b.add_local({}, i64), s = b.add_local({}, i64);
  const auto label = b.new_label(), body = b.new_label(), all = b.new_label();
  std::vector<ir::NodeId> stmts;
  stmts.push_back(b.store(b.local(i), b.const_int(i64, 0)));
  stmts.push_back(b.store(b.local(s), b.const_int(i64, 0)));
  {
    auto c = b.compare(ir::CompareOp::Lt, b.load(b.local(i)), b.const_int(i64, 1000));
    auto a1 = b.store(b.local(s), b.binary(ir::BinaryOp::Add, b.load(b.local(s)), b.load(b.local(i))));
    auto a2 = b.store(b.local(i), b.binary(ir::BinaryOp::Add, b.load(b.local(i)), b.const_int(i64, 1)));
    const ir::NodeId arm[] = {a1, a2};
    auto then = b.block(body, b.void_type(), arm);
    auto brk = b.break_(label);
    auto iff = b.if_(c, then, brk, b.void_type());
    stmts.push_back(b.loop(label, b.void_type(), iff));
  }
  stmts.push_back(b.return_(b.load(b.local(s))));
  b.finish(b.block(all, b.never_type(), stmts));
  for (const Dispatch dispatch : available_dispatch()) {
    TestHost host(module);
    auto engine = make_vm_engine(module, host, dispatch);
    Request request;
    request.entry = id;
    const Outcome outcome = engine->evaluate(request);
    ASSERT_TRUE(outcome.image) << describe(*outcome.failure);
    std::int64_t value = 0;
    std::memcpy(&value, outcome.image->objects[0].bytes.data(), 8);
    EXPECT_EQ(value, 499500);
    EXPECT_EQ(outcome.counters.back_edges, 1000u);
  }
}

} // namespace
} // namespace sx::comptime::vm
