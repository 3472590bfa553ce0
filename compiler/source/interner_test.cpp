#include "source/interner.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sx {
namespace {

TEST(Interner, EmptyTextIsIdZero) {
  Interner interner;
  EXPECT_EQ(interner.size(), 1u);
  EXPECT_EQ(interner.intern(""), StringId(0u));
}

TEST(Interner, EqualTextsShareAnId) {
  Interner interner;
  const StringId id = interner.intern("crate");
  EXPECT_EQ(interner.intern(std::string("crate")), id);
  EXPECT_NE(interner.intern("crates"), id);
  EXPECT_EQ(interner.size(), 3u);
}

TEST(Interner, FindDoesNotIntern) {
  Interner interner;
  EXPECT_FALSE(interner.find("lid").valid());
  const StringId id = interner.intern("lid");
  EXPECT_EQ(interner.find("lid"), id);
  EXPECT_EQ(interner.size(), 2u);
}

TEST(Interner, TextsMayHoldZeroBytes) {
  Interner interner;
  const std::string_view text("a\0b", 3);
  EXPECT_EQ(interner.text(interner.intern(text)), text);
  EXPECT_NE(interner.intern(text), interner.intern("a"));
}

RC_GTEST_PROP(InternerLaws, TextGivesBackWhatWasInternedAndIdsAreDense, (const std::vector<std::string>& texts)) {
  Interner interner;
  std::vector<StringId> ids;
  std::vector<std::string_view> views;
  for (const std::string& text : texts) {
    ids.push_back(interner.intern(text));
    views.push_back(interner.text(ids.back()));
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    RC_ASSERT(views[i] == texts[i]);
    RC_ASSERT(interner.text(ids[i]) == texts[i]);
    RC_ASSERT(interner.find(texts[i]) == ids[i]);
    RC_ASSERT(ids[i].index() < interner.size());
  }
}

} // namespace
} // namespace sx
