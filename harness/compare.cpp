#include "compare.h"

#include <algorithm>

namespace sx::harness {

namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string hex_row(std::span<const std::uint8_t> bytes, std::size_t from, std::size_t count) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = from; i < std::min(from + count, bytes.size()); ++i) {
    out += digits[bytes[i] >> 4];
    out += digits[bytes[i] & 15];
    out += ' ';
  }
  return out;
}

/// Addresses vary between lanes (R2.114): `0x` and four or more hexadecimal digits become one placeholder.
std::string masked(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text.substr(i).starts_with("0x")) {
      std::size_t end = i + 2;
      while (end < text.size() && ((text[end] >= '0' && text[end] <= '9') || (text[end] >= 'a' && text[end] <= 'f')))
        ++end;
      if (end - i >= 6) {
        out += "0x<address>";
        i = end;
        continue;
      }
    }
    out += text[i++];
  }
  return out;
}

/// The result that others are compared with: the first of its kind that completed.
const Lane* oracle_of(LaneKind first, LaneKind second, const LaneResults& results) {
  for (const Lane& lane : all_lanes()) {
    if (lane.kind != first && lane.kind != second)
      continue;
    const auto found = results.find(lane.name);
    if (found != results.end() && found->second.end == End::Completed)
      return &lane;
  }
  return nullptr;
}

void compare_text(CaseVerdict& verdict, const Lane& oracle, const Lane& lane, std::string_view what,
                  std::string_view expected, std::string_view actual) {
  if (expected != actual)
    verdict.findings.push_back({std::string(lane.name), std::string(what) + " differ from " + std::string(oracle.name),
                                line_difference(expected, actual)});
}

} // namespace

std::string line_difference(std::string_view expected, std::string_view actual, std::size_t limit) {
  const auto before = lines_of(expected), after = lines_of(actual);
  std::size_t head = 0;
  while (head < before.size() && head < after.size() && before[head] == after[head])
    ++head;
  std::size_t tail = 0;
  while (tail < before.size() - head && tail < after.size() - head &&
         before[before.size() - 1 - tail] == after[after.size() - 1 - tail])
    ++tail;
  std::string out = "  @ line " + std::to_string(head + 1) + "\n";
  std::size_t shown = 0;
  const auto show = [&](char sign, std::string_view line) {
    if (shown++ < limit)
      out += std::string("  ") + sign + std::string(line.substr(0, 200)) + "\n";
  };
  if (head > 0)
    show(' ', before[head - 1]);
  for (std::size_t i = head; i < before.size() - tail; ++i)
    show('-', before[i]);
  for (std::size_t i = head; i < after.size() - tail; ++i)
    show('+', after[i]);
  if (shown > limit)
    out += "  ... " + std::to_string(shown - limit) + " more lines\n";
  if (expected != actual && head == before.size() && head == after.size())
    out += "  the texts differ in their last line ending\n";
  return out;
}

std::string fold_difference(const std::vector<FoldRecord>& expected, const std::vector<FoldRecord>& actual) {
  const std::size_t common = std::min(expected.size(), actual.size());
  for (std::size_t i = 0; i < common; ++i) {
    const FoldRecord &left = expected[i], &right = actual[i];
    if (left.head == right.head && left.text == right.text && left.bytes == right.bytes)
      continue;
    std::string out = "  fold " + std::to_string(i) + ": " + left.head + "\n";
    if (left.head != right.head)
      return out + "  against: " + right.head + "\n";
    std::size_t at = 0;
    while (at < left.bytes.size() && at < right.bytes.size() && left.bytes[at] == right.bytes[at])
      ++at;
    if (at == left.bytes.size() && at == right.bytes.size())
      return out + line_difference(left.text, right.text);
    const auto leaf =
        std::ranges::find_if(left.leaves, [&](const FoldLeaf& l) { return at >= l.offset && at < l.offset + l.size; });
    out += "  first difference at byte " + std::to_string(at) + ", field " +
           (leaf == left.leaves.end() ? std::string("(padding)") : leaf->path) + "\n";
    const std::size_t from = leaf == left.leaves.end() ? at & ~std::size_t{15} : leaf->offset;
    const std::size_t count = leaf == left.leaves.end() ? 16 : std::min<std::uint64_t>(leaf->size, 16);
    out += "  - " + hex_row(left.bytes, from, count) + "\n  + " + hex_row(right.bytes, from, count) + "\n";
    return out;
  }
  return "  " + std::to_string(expected.size()) + " folds against " + std::to_string(actual.size()) + "\n";
}

CaseVerdict compare_lanes(const LaneResults& results) {
  CaseVerdict verdict;
  const Lane* comptime = oracle_of(LaneKind::Comptime, LaneKind::Comptime, results);
  const Lane* run = oracle_of(LaneKind::Native, LaneKind::Main, results);
  for (const Lane& lane : all_lanes()) {
    const auto found = results.find(lane.name);
    if (found == results.end())
      continue;
    const LaneResult& result = found->second;
    if (result.end == End::Crashed || result.end == End::TimedOut) {
      verdict.findings.push_back(
          {std::string(lane.name), std::string(end_name(result.end)), "  " + result.reason + "\n"});
      verdict.differed.emplace_back(lane.name);
      continue;
    }
    if (result.end != End::Completed)
      continue;
    const std::size_t before = verdict.findings.size();
    if (lane.kind == LaneKind::Comptime && comptime) {
      const LaneResult& oracle = results.find(comptime->name)->second;
      compare_text(verdict, *comptime, lane, "diagnostics", oracle.diagnostics, result.diagnostics);
      compare_text(verdict, *comptime, lane, "comptime output", oracle.comptime_output, result.comptime_output);
      const bool same_folds = std::ranges::equal(oracle.folds, result.folds, [](const auto& a, const auto& b) {
        return a.head == b.head && a.text == b.text && a.bytes == b.bytes;
      });
      if (!same_folds)
        verdict.findings.push_back({std::string(lane.name), "folds differ from " + std::string(comptime->name),
                                    fold_difference(oracle.folds, result.folds)});
      compare_text(verdict, *comptime, lane, "LLVM modules", oracle.llvm, result.llvm);
    } else if (run) {
      const LaneResult& oracle = results.find(run->name)->second;
      compare_text(verdict, *run, lane, "standard output", masked(oracle.output), masked(result.output));
      compare_text(verdict, *run, lane, "standard error", masked(oracle.errors), masked(result.errors));
      if (oracle.status != result.status)
        verdict.findings.push_back(
            {std::string(lane.name), "exit status differs from " + std::string(run->name),
             "  -" + std::to_string(oracle.status) + "\n  +" + std::to_string(result.status) + "\n"});
    }
    (verdict.findings.size() == before ? verdict.agreed : verdict.differed).emplace_back(lane.name);
  }
  return verdict;
}

void check_expectations(const Case& program, const LaneResults& results, CaseVerdict& verdict) {
  const Lane* comptime = oracle_of(LaneKind::Comptime, LaneKind::Comptime, results);
  const Lane* run = oracle_of(LaneKind::Native, LaneKind::Main, results);
  const auto fail = [&](std::string what, std::string detail) {
    verdict.findings.push_back({"expect", std::move(what), std::move(detail)});
  };
  if (!program.expected_errors.empty()) {
    if (!comptime)
      return;
    const LaneResult& result = results.find(comptime->name)->second;
    std::string expected, actual;
    for (const ExpectedError& error : program.expected_errors)
      expected += error.code + " @ " +
                  (error.line ? std::to_string(error.line) + ":" + std::to_string(error.column) : std::string("none")) +
                  "\n";
    for (const std::string& code : result.codes)
      actual += code + "\n";
    if (expected != actual)
      fail("the program must be rejected with these errors", line_difference(expected, actual));
    return;
  }
  if (comptime && results.find(comptime->name)->second.rejected && (program.expected_output || program.expected_exit))
    fail("the program must be accepted", line_difference("", results.find(comptime->name)->second.diagnostics));
  if (!run)
    return;
  const LaneResult& result = results.find(run->name)->second;
  if (program.expected_output && *program.expected_output != result.output) {
    // A last line without LF is written the same way in a header.
    if (*program.expected_output != result.output + "\n")
      fail("standard output", line_difference(*program.expected_output, result.output));
  }
  const bool says_status = program.expected_exit || program.expected_output;
  if (says_status && program.expected_exit.value_or(0) != result.status)
    fail("exit status",
         "  -" + std::to_string(program.expected_exit.value_or(0)) + "\n  +" + std::to_string(result.status) + "\n");
}

std::optional<std::string> golden_text(const LaneResults& results) {
  const Lane* comptime = oracle_of(LaneKind::Comptime, LaneKind::Comptime, results);
  if (!comptime)
    return std::nullopt;
  const LaneResult& compiled = results.find(comptime->name)->second;
  std::string out = compiled.rejected ? "== rejected\n" : "== accepted\n";
  const auto section = [&](std::string_view name, std::string_view text) {
    if (text.empty())
      return;
    out += "== " + std::string(name) + "\n" + std::string(text);
    if (!text.ends_with('\n'))
      out += "\n";
  };
  section("diagnostics", compiled.diagnostics);
  section("comptime output", compiled.comptime_output);
  // Plain initializers hold what the whole program decides (numbers of types, symbols of the library): comparing lanes
  // covers them, and a golden would change with every line of the library.
  std::string folds;
  for (const FoldRecord& fold : compiled.folds)
    if (fold.is_run)
      folds += fold.text;
  section("folds", folds);
  if (const Lane* run = oracle_of(LaneKind::Native, LaneKind::Main, results)) {
    const LaneResult& ran = results.find(run->name)->second;
    out += "== exit " + std::to_string(ran.status) + "\n";
    section("stdout", masked(ran.output));
    section("stderr", masked(ran.errors));
  }
  return out;
}

} // namespace sx::harness
