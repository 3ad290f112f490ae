// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

namespace ipsi {

std::string to_string(Code code) {
  switch (code) {
    case Code::Usage: return "usage";
    case Code::InvalidInput: return "invalid_input";
    case Code::ReadFailed: return "read_failed";
    case Code::NotFound: return "not_found";
    case Code::Conflict: return "conflict";
    case Code::RankDeficient: return "rank_deficient";
    case Code::NotConverged: return "not_converged";
    case Code::Environment: return "environment";
    case Code::Cancelled: return "cancelled";
  }
  return "unknown";
}

int exit_code(Code code) {
  switch (code) {
    case Code::Usage: return 2;
    case Code::InvalidInput:
    case Code::ReadFailed:
    case Code::NotFound:
    case Code::Conflict: return 3;
    case Code::RankDeficient:
    case Code::NotConverged: return 4;
    case Code::Environment: return 5;
    case Code::Cancelled: return 130;
  }
  return 5;
}

std::string to_line(const Error& error) {
  std::string line = error.what;
  if (!error.where.empty()) line += " (" + error.where + ")";
  if (!error.mend.empty()) line += ": " + error.mend;
  for (char& c : line)
    if (c == '\n' || c == '\r') c = ' ';
  return line;
}

}  // namespace ipsi
