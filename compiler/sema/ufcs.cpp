// Dot calls of `ufcs` functions: candidates, tiers, specificity (R4.59 to R4.61, 5.8).

#include "sema/generic_calls.h"
#include "sema/generic_state.h"

#include <algorithm>

namespace sx::sema {
namespace {

struct Candidate {
  DeclId declaration;
  bool bare_receiver = false;
};

} // namespace

/// Does the receiver fit the first parameter of a plain function (R4.57, R2.72)?
static bool receiver_fits(BodyChecker& body, const Operand& receiver, DeclId declaration) {
  const Signature& signature = body.checker().signature(declaration);
  if (signature.failed || signature.parameters.empty())
    return false;
  TypeId parameter = signature.parameters.front().type;
  const TypeTable& types = body.types();
  if (!parameter.valid() || types.is(parameter, TypeKind::Poison))
    return false;
  if (body.converts(receiver.type, parameter))
    return true;
  const auto pointee = [&](TypeId type) { return types.is(type, TypeKind::Pointer) ? types[type].element : type; };
  return pointee(receiver.type) == pointee(parameter) || body.converts(pointee(receiver.type), parameter);
}

/// The functions of one tier that this call could mean.
static std::vector<Candidate> fitting(BodyChecker& body, const CallSite& site, std::span<const DeclId> declarations) {
  std::vector<Candidate> found;
  for (const DeclId written : declarations) {
    const DeclId id = body.checker().follow(written);
    if (!id.valid() || std::ranges::any_of(found, [&](const Candidate& c) { return c.declaration == id; }))
      continue;
    const DeclKind kind = body.checker().resolve_decl(id);
    if (kind == DeclKind::GenericFunction) {
      CallSite trial = site;
      GenericCall call(body, trial, id, {});
      if (call.binds())
        found.push_back({id, call.has_bare_receiver()});
    } else if (kind == DeclKind::Function && receiver_fits(body, *site.receiver, id)) {
      found.push_back({id, false});
    }
  }
  if (std::ranges::any_of(found, [](const Candidate& c) { return !c.bare_receiver; }))
    std::erase_if(found, [](const Candidate& c) { return c.bare_receiver; });
  return found;
}

std::optional<Operand> BodyChecker::call_ufcs(CallSite& site, Operand receiver, StringId method_name) {
  const std::string written(text(method_name));
  site.receiver = receiver;
  std::vector<DeclId> last;
  for (const bool everywhere : {false, true}) {
    const std::vector<DeclId> declared = checker().ufcs_candidates(where(), method_name, everywhere);
    if (declared.empty())
      continue;
    last = declared;
    const std::vector<Candidate> found = fitting(*this, site, declared);
    if (found.size() > 1) {
      report<diag::several_ufcs_candidates>(site.callee_span, written);
      return Operand::poison(site.span);
    }
    if (found.size() == 1)
      return call_declaration(site, {found.front().declaration, checker().empty_environment()});
  }
  if (last.empty())
    return {};
  // One function in sight says best what does not fit.
  if (last.size() == 1)
    return call_declaration(site, {checker().follow(last.front()), checker().empty_environment()});
  report<diag::no_ufcs_candidate>(site.callee_span, written);
  return Operand::poison(site.span);
}

} // namespace sx::sema
