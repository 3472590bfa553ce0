#pragma once
// For tests: rows of a program and the reports that it gets.

#include "sema/checked_source.h"

#include <gtest/gtest.h>
#include <ostream>

namespace sx::sema {

template <class Source> struct ReportCase {
  const char* name;
  Source source;                  ///< what CheckedSource takes
  std::vector<std::string> codes; ///< what it has to answer

  friend std::ostream& operator<<(std::ostream& out, const ReportCase& c) { return out << c.name; }
};

using TextCase = ReportCase<const char*>;
using FilesCase = ReportCase<std::vector<SourceText>>;

template <class Source> std::string case_name(const testing::TestParamInfo<ReportCase<Source>>& info) {
  return info.param.name;
}

/// Checks the program of a row.
template <class Source> void expect_reports(const ReportCase<Source>& c) {
  const CheckedSource checked(c.source);
  EXPECT_EQ(checked.codes(), c.codes) << checked.messages();
}

} // namespace sx::sema
