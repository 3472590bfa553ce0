#pragma once
// The tags that a bare `!` stands for (R6.105, R6.106).
//
// Every `!` has one type, the open set, so what a call can fail with is no matter of types. It is kept here, in a
// graph: a node for each function whose `!` is bare, for each shape of closures (R6.106) and for each protocol method;
// a node holds tags of its own and edges to the nodes whose failures it passes on. The tags of a node are those it
// reaches.
//
// What a node holds is known in two steps. Before its body is checked, syntax and lookup tell (which is all that phase
// 5d has for functions that nothing reaches); where they leave several callees, their edges count as possible only.
// Once the body has been checked (`complete`), what body checking noted replaces it, for that instance, exactly.

#include "sema/checker.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace sx::sema {

class ErrorGraph {
public:
  /// Tags of a function's body, and whether they are all of them.
  struct Tags {
    std::vector<StringId> tags;    ///< in order of discovery, each once
    std::vector<StringId> maybe;   ///< reached over possible edges only
    bool complete = true;          ///< false: syntax could not follow some failure
    bool tries_unknowable = false; ///< contains a `try` of a closure, function value or protocol method (R6.108)
  };

  /// The tags of the function at `node` (Function or Lambda) by syntax, or exactly once its body is complete.
  Tags tags_of(Checker& checker, const Site& site, AstId node);
  Tags tags_of_set(Checker& checker, TypeId origin);

  // The nominal sets that stand for nodes; the interface of Checker in terms of `TypeId` (checker.h).
  TypeId origin_of_function(Checker& checker, FunctionId function);
  TypeId origin_of_shape(Checker& checker, TypeId callable);
  TypeId origin_of_method(Checker& checker, TypeId protocol, StringId method);
  void note_tag(Checker& checker, FunctionId function, StringId tag);
  void note_set(Checker& checker, FunctionId function, TypeId from);
  void finish(Checker& checker, FunctionId function);

private:
  using NodeIndex = std::size_t;
  struct Edge {
    NodeIndex to;
    bool certain;
  };
  struct Facts {
    std::vector<StringId> tags;
    std::vector<StringId> maybe;
    std::vector<Edge> edges;
    bool complete = true;
    bool tries_unknowable = false;
  };
  struct Node {
    enum class Kind : std::uint8_t { Function, Shape, Method } kind = Kind::Function;
    Site site;                 ///< Function
    AstId node;                ///< Function: Function or Lambda; Method: ProtocolMethod
    std::vector<TypeId> shape; ///< Shape: parameters, then the success type
    TypeId origin;
    bool scanned = false;  ///< `facts` holds what syntax tells
    bool finished = false; ///< `noted` holds everything
    Facts facts;
    Facts noted;
  };
  class Scanner;

  NodeIndex function_node(const Site& site, AstId node);
  NodeIndex shape_node(std::vector<TypeId> shape);
  NodeIndex method_node(const Site& site, AstId method);
  TypeId origin_of(Checker& checker, NodeIndex index, StringId name, ModuleId module);
  void scan(Checker& checker, NodeIndex index);
  void scan_shape(Checker& checker, NodeIndex index);
  void scan_method(Checker& checker, NodeIndex index);
  Tags solve(Checker& checker, NodeIndex start);
  NodeIndex instance_node(Checker& checker, FunctionId function);

  /// Parameters and success type of a bare-`!` lambda or callable type; empty if a part does not resolve.
  static std::vector<TypeId> written_shape(Checker& checker, const Site& site, AstId node);
  struct Callable {
    Site site;
    AstId node;
    std::vector<TypeId> shape;
  };
  /// Lambdas and functions with a bare `!` that are used as values (R6.106).
  const std::vector<Callable>& callables(Checker& checker);

  std::vector<Node> nodes_;
  std::map<std::tuple<const syntax::Tree*, AstId, EnvironmentId>, NodeIndex> functions_;
  std::map<std::vector<TypeId>, NodeIndex> shapes_;
  std::map<TypeId, NodeIndex> origins_;
  std::vector<Callable> callables_;
  std::size_t scanned_modules_ = 0;
};

} // namespace sx::sema
