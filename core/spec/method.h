// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/task.h"
#include "core/spec/option.h"
#include "core/spec/result.h"
#include "core/spec/spec.h"
#include "core/table/table.h"

namespace ipsi::spec {

/// What a spec's `formula` holds for a method.
enum class Notation {
  formula,  ///< "y ~ x + (1 | g)", one line
  paths,    ///< equations of a path model in lavaan's notation, a statement per line
};

struct MethodInfo {
  std::string key;  ///< the verb `ipsi <key>`, the entry in Model, the name in spec files
  std::string title;
  std::string summary;  ///< one sentence
  std::vector<Option> options;
  std::vector<std::string> references;  ///< keys of spec/references.h
  Notation notation = Notation::formula;
};

/// A method of analysis: describes itself, checks a request, runs it. Stateless.
class Method {
 public:
  virtual ~Method() = default;
  [[nodiscard]] virtual const MethodInfo& info() const = 0;
  /// Cheap; runs as the user types. @error what `run` would refuse, as far as can be seen without computing
  [[nodiscard]] virtual Result<void> check(const Spec& spec, const table::Table& data) const = 0;
  [[nodiscard]] virtual Result<ResultSet> run(const Spec& spec, const table::Table& data, const Task& task) const = 0;
};

}  // namespace ipsi::spec
