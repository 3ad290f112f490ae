// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "core/render/compose.h"

namespace ipsi::test {

/// The pixels of a PNG file, straight alpha.
[[nodiscard]] render::Picture pixels_of(const std::string& png);

/// The words of a PDF by pdftotext; nothing where that program is absent.
[[nodiscard]] std::optional<std::string> text_of_pdf(const std::string& pdf);

}  // namespace ipsi::test
