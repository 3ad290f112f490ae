// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace ipsi {

/// What kind of thing went wrong; decides the exit code of the command line (docs: cli.md).
enum class Code {
  Usage,          ///< the request itself is malformed                               (exit 2)
  InvalidInput,   ///< a file, column or value cannot be used                        (exit 3)
  ReadFailed,     ///< a file is there but is not what its name promises             (exit 3)
  NotFound,       ///< a named file, subject, column, region does not exist          (exit 3)
  Conflict,       ///< the request contradicts what is stored (duplicate, stale)     (exit 3)
  RankDeficient,  ///< columns of a design depend on each other                      (exit 4)
  NotConverged,   ///< computed, but the result must not be used                     (exit 4)
  Environment,    ///< disk, memory, permission, missing system package              (exit 5)
  Cancelled,      ///< stopped by the user                                           (exit 130)
};

/// A failure as a value: what happened, where, and what the reader can do about it.
/// `what` names the thing and the value; `where` is file, line, column, subject; `mend` is an imperative.
struct Error {
  Code code = Code::InvalidInput;
  std::string what;
  std::string where;
  std::string mend;
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Code code, std::string what, std::string where = {},
                                                std::string mend = {}) {
  return tl::unexpected<Error>(Error{code, std::move(what), std::move(where), std::move(mend)});
}

/// The same error with one more piece of context in front of `where`: "results.csv, row 4".
[[nodiscard]] inline tl::unexpected<Error> wrap(Error error, const std::string& where) {
  error.where = error.where.empty() ? where : where + ", " + error.where;
  return tl::unexpected<Error>(std::move(error));
}

/// The word used for a code in JSON output: "invalid_input", "not_found", ...
[[nodiscard]] std::string to_string(Code code);

/// The exit code of a program that ends with this error.
[[nodiscard]] int exit_code(Code code);

/// One line for people: `what (where): mend`.
[[nodiscard]] std::string to_line(const Error& error);

}  // namespace ipsi
