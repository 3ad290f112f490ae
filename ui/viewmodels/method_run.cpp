// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/method_run.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <utility>

#include "core/engine/registry.h"
#include "core/engine/usable_people.h"
#include "core/report/method_files.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

constexpr const char* kJob = "model.own";

/// A first model to start from, of the study's own columns.
QString first_text(const QString& method) {
  if (method == "sem")
    return "# does the putamen carry what the lesion does to movement?\n"
           "ipsi_putamen ~ a * lesion_volume + icv\n"
           "primary_score ~ b * ipsi_putamen + c * lesion_volume\n"
           "indirect := a * b\n"
           "total := c + a * b\n";
  if (method == "anova") return "z(ipsi_putamen) ~ lesion_side + sex + z(age) + z(icv)";
  const QString fixed = "z(ipsi_putamen) ~ primary_score + z(age) + z(icv) + sex";
  return method == "lm" ? fixed : fixed + " + (1 | cohort)";
}

MethodRun::Option option_of(const spec::Option& declared) {
  MethodRun::Option out{text_of(declared.key), text_of(declared.help), {}, {}, declared.low, declared.high, {}};
  using Kind = MethodRun::Option::Kind;
  for (const auto& choice : declared.choices) out.choices << text_of(choice);
  switch (declared.kind) {
    case spec::Option::Kind::real:
      out.kind = Kind::number;
      out.value = declared.fallback.get<double>();
      break;
    case spec::Option::Kind::integer:
      out.kind = Kind::integer;
      out.value = declared.fallback.get<int>();
      break;
    case spec::Option::Kind::toggle:
      out.kind = Kind::toggle;
      out.value = declared.fallback.get<bool>();
      break;
    case spec::Option::Kind::choice:
      out.kind = Kind::choice;
      out.value = text_of(declared.fallback.get<std::string>());
      break;
    case spec::Option::Kind::text:
      out.kind = Kind::text;
      out.value = text_of(declared.fallback.get<std::string>());
      break;
  }
  return out;
}

Json json_of(const MethodRun::Option& option) {
  using Kind = MethodRun::Option::Kind;
  switch (option.kind) {
    case Kind::number: return option.value.toDouble();
    case Kind::integer: return option.value.toInt();
    case Kind::toggle: return option.value.toBool();
    default: return option.value.toString().toStdString();
  }
}

/// As it is printed: p by its own rule, whole numbers whole, others with four digits.
QString printed(const std::string& column, double x) {
  if (std::isnan(x)) return {};
  if (std::isinf(x)) return x > 0 ? "Inf" : QString(QChar(0x2212)) + "Inf";
  const bool p = column == "p" || column.starts_with("p_") || column.ends_with("_p");
  if (p && x < 0.001) return "<0.001";
  if (p) return QString::number(x, 'g', 3);
  QString out = x == std::round(x) && std::abs(x) < 1e7 ? QString::number(x, 'f', 0) : QString::number(x, 'g', 4);
  return out.replace('-', QChar(0x2212));
}

MethodRun::Table table_of(const spec::ResultSet::NamedTable& named) {
  MethodRun::Table out{text_of(named.title), text_of(named.note), {}, {}, {}};
  const table::Table& t = named.table;
  out.rows.resize(t.rows());
  for (std::size_t c = 0; c < t.columns(); ++c) {
    const table::Column& column = t.column(c);
    out.head << text_of(column.name).replace('_', ' ');
    const bool words = column.kind != table::Column::Kind::numeric;
    out.words.push_back(words);
    for (std::size_t r = 0; r < t.rows(); ++r)
      out.rows[r] << (words ? text_of(column.cell(r)) : printed(column.name, column.values[r]));
  }
  return out;
}

}  // namespace

MethodRun::MethodRun(Context& context, QObject* parent) : QObject(parent), context_(context) {
  for (const auto& method : engine::methods()) {
    const auto& info = method->info();
    state_.methods.push_back(
        {text_of(info.key), text_of(info.title), text_of(info.summary), info.notation == spec::Notation::paths});
  }
  const auto again = [this] {
    stale_ = true;
    if (active_) run();
  };
  connect(&context.session, &StudySession::opened, this, again);
  connect(&context.session, &StudySession::subsetChanged, this, again);
  connect(&context.session, &StudySession::changed, this, [again](const StudySession::Change& change) {
    if (change.everything || !change.ratings.empty()) again();
  });
  const auto first =
      std::find_if(state_.methods.begin(), state_.methods.end(), [](const auto& m) { return m.key == "lme"; });
  if (first != state_.methods.end()) state_.method = static_cast<int>(first - state_.methods.begin());
  readMethod();
}

MethodRun::~MethodRun() = default;

const spec::Method& MethodRun::method() const {
  return *engine::methods()[static_cast<std::size_t>(state_.method)];
}

void MethodRun::readMethod() {
  const QString key = state_.methods[static_cast<std::size_t>(state_.method)].key;
  const auto text = texts_.find(key);
  state_.text = text != texts_.end() ? text->second : first_text(key);
  state_.options.clear();
  for (const auto& declared : method().info().options) {
    Option option = option_of(declared);
    option.value = settings_[key].value(option.key, option.value);
    state_.options.push_back(std::move(option));
  }
}

void MethodRun::setMethod(int index) {
  if (index == state_.method || index < 0 || index >= static_cast<int>(state_.methods.size())) return;
  state_.method = index;
  readMethod();
  run();
}

void MethodRun::setText(const QString& text) {
  if (text == state_.text) return;
  state_.text = text;
  texts_[state_.methods[static_cast<std::size_t>(state_.method)].key] = text;
  run();
}

void MethodRun::setOption(const QString& key, const QVariant& value) {
  for (Option& option : state_.options)
    if (option.key == key && option.value != value) {
      option.value = value;
      settings_[state_.methods[static_cast<std::size_t>(state_.method)].key][key] = value;
      run();
      return;
    }
}

void MethodRun::setActive(bool active) {
  active_ = active;
  if (active && stale_) run();
}

void MethodRun::run() {
  stale_ = false;
  state_.open = context_.session.isOpen();
  state_.any = false;
  state_.what.clear();
  result_.reset();
  if (!state_.open) {
    context_.jobs.cancelKey(kJob);
    emit changed();
    return;
  }
  state_.columns.clear();
  for (const std::string& name : context_.session.table()->names())
    if (!name.starts_with("flag_")) state_.columns << text_of(name);
  spec::Spec spec;
  spec.method = method().info().key;
  spec.formula = state_.text.toStdString();
  for (const Option& option : state_.options) spec.options[option.key.toStdString()] = json_of(option);
  const auto subset = study::parse_subgroup(context_.session.subset().toStdString()).value_or(study::Subgroup::all);
  // What can be said without computing is said at once: a word that is half typed is no failed job.
  const auto tell = [this](const Error& error) {
    state_.what = text_of(error.what);
    state_.where = text_of(error.where);
    state_.mend = text_of(error.mend);
  };
  const auto here = engine::usable_people(*context_.session.table(), subset);
  const auto fine = here ? method().check(spec, *here) : Result<void>(tl::unexpected<Error>(here.error()));
  if (!fine) {
    context_.jobs.cancelKey(kJob);
    state_.working = false;
    tell(fine.error());
    emit changed();
    return;
  }
  state_.working = true;
  emit changed();
  struct Done {
    std::shared_ptr<const spec::ResultSet> result;
    std::size_t people = 0;
  };
  context_.jobs.start<Done>(
      {.title = tr("Fit: %1").arg(text_of(spec.method)), .key = kJob, .lane = Jobs::Lane::normal, .quiet = false},
      [spec, people = *here](const Task& task) -> Result<Done> {
        auto result = engine::run_method(spec, people, task);
        if (!result) return tl::unexpected<Error>(result.error());
        return Done{std::make_shared<const spec::ResultSet>(std::move(*result)), people.rows()};
      },
      this,
      [this, tell](Result<Done> done) {
        if (!done && done.error().code == Code::Cancelled) return;
        state_.working = false;
        state_.tables.clear();
        state_.figures.clear();
        state_.diagrams.clear();
        state_.findings.clear();
        state_.methods_text.clear();
        if (!done) {
          tell(done.error());
          emit changed();
          return;
        }
        result_ = done->result;
        state_.any = true;
        state_.usable = result_->usable;
        for (const auto& table : result_->tables) state_.tables.push_back(table_of(table));
        state_.figures = result_->figures;
        state_.diagrams = result_->diagrams;
        for (const auto& line : result_->findings) state_.findings << text_of(line);
        for (const auto& paragraph : result_->methods_text) state_.methods_text << text_of(paragraph);
        state_.people =
            tr("%1 analysed people of the subgroup; volumes flagged lesioned or failed are missing").arg(done->people);
        emit changed();
      });
}

void MethodRun::exportTo(const QString& folder) {
  if (!result_) return;
  struct Done {};
  context_.jobs.start<Done>(
      {.title = tr("Write %1").arg(folder), .key = "model.own.export"},
      [result = result_, dir = std::filesystem::path(folder.toStdString())](const Task&) -> Result<Done> {
        const auto files = report::method_files(*result);
        if (!files) return tl::unexpected<Error>(files.error());
        if (auto ok = report::write_files(*files, dir, Overwrite::yes); !ok) return tl::unexpected<Error>(ok.error());
        return Done{};
      },
      this,
      [this, folder](const Result<Done>& done) {
        emit exported(folder, done ? QString() : text_of(to_line(done.error())));
      });
}

}  // namespace ipsi::ui
