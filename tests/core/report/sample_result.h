// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/spec/result.h"

namespace ipsi::test {

/// A small result with everything awkward in it: a failed model, a significant one, names with < & > " ' in them.
[[nodiscard]] spec::ResultSet sample_result();

}  // namespace ipsi::test
