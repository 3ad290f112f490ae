// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"

namespace ipsi::table {

// Tables that travel inside a document which Ipsi wrote: a contact sheet carries its ratings (report/contact_sheet.h),
// a PDF as an attached file, a page as a block of data. Written there, read here.

/// How a PDF object says that it is such a file: "/IpsiFile (ratings.tsv)".
[[nodiscard]] std::string carried_mark(std::string_view name);
/// The element of a page that holds the table, as one JSON string in which no sign can end the element early.
[[nodiscard]] std::string carried_element(const std::string& table);

/// The beginning of a PDF or of an HTML page: a document that may carry a table.
[[nodiscard]] bool may_carry_table(std::string_view bytes);
/// The table `name` of a document, as text; a page has one only.
/// @error NotFound      it carries none (also where another program has written the PDF anew)
/// @error InvalidInput  it was changed or cut off
[[nodiscard]] Result<std::string> carried_table(std::string_view bytes, std::string_view name);

}  // namespace ipsi::table
