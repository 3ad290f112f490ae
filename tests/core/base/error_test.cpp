// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

#include "tests/support/support.h"

namespace ipsi {
namespace {

Result<int> inner() {
  return fail(Code::InvalidInput, "age is -3", "line 4", "correct the cell");
}

TEST(Error, GathersContextFromTheOutsideIn) {
  const auto outer = wrap(inner().error(), "participants.tsv");
  EXPECT_EQ(outer.value().where, "participants.tsv, line 4");
  EXPECT_EQ(to_line(outer.value()), "age is -3 (participants.tsv, line 4): correct the cell");
}

TEST(Error, IsOneLineWhateverWasQuoted) {
  const Error error{Code::ReadFailed, "cannot read\nthis", "a\r\nb", ""};
  EXPECT_EQ(to_line(error).find_first_of("\r\n"), std::string::npos);
}

TEST(Error, ExitCodesAreThoseOfTheContract) {  // cli.md: 2 usage, 3 input, 4 unusable result, 5 environment, 130
  EXPECT_EQ(exit_code(Code::Usage), 2);
  EXPECT_EQ(exit_code(Code::InvalidInput), 3);
  EXPECT_EQ(exit_code(Code::NotFound), 3);
  EXPECT_EQ(exit_code(Code::RankDeficient), 4);
  EXPECT_EQ(exit_code(Code::NotConverged), 4);
  EXPECT_EQ(exit_code(Code::Environment), 5);
  EXPECT_EQ(exit_code(Code::Cancelled), 130);
}

}  // namespace
}  // namespace ipsi
