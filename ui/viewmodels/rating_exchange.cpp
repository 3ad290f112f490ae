// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/rating_exchange.h"

#include <QDateTime>
#include <QFileInfo>
#include <QLocale>
#include <set>

#include "core/base/files.h"
#include "core/base/regions.h"
#include "core/ingest/assignment.h"
#include "core/ingest/blinding.h"
#include "core/ingest/rater_agreement.h"
#include "core/ingest/rating_plan.h"
#include "core/study/export.h"
#include "core/study/raters.h"
#include "core/study/rating_files.h"
#include "core/study/rating_journal.h"
#include "core/table/delimited.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

const QString kJob = QStringLiteral("qc.import");
using Made = std::shared_ptr<const ingest::RatingPlan>;

/// The one rater that a file names; empty where it names none or several, or is another kind of file.
std::string only_rater(const std::filesystem::path& path) {
  if (const auto text = read_file(path); text && study::is_journal(*text)) {
    const auto journal = study::read_journal(*text, path.filename().string());
    return journal ? journal->rater : std::string();
  }
  const auto sheet = table::read_sheet(path);
  if (!sheet) return {};
  const int column = sheet->find("rater");
  if (column < 0) return {};
  std::set<std::string> names;
  for (const auto& row : sheet->rows)
    if (const auto& cell = row.cells[static_cast<std::size_t>(column)]; !cell.empty() && cell != "n/a")
      names.insert(study::look_of(cell).name);
  return names.size() == 1 ? *names.begin() : std::string();
}

QString word_of(const study::Rating& rating) {
  const auto time = QDateTime::fromString(text_of(rating.time), Qt::ISODateWithMs).toLocalTime();
  const QString flag = text_of(study::to_string(rating.flag));
  return time.isValid() ? flag + ", " + QLocale::c().toString(time, QStringLiteral("d MMM yyyy HH:mm")) : flag;
}

struct Planned {
  Made plan;
  std::string rater;
};

/// The bytes of a file, and of a second one beside it (the sidecar of BIDS).
struct Written {
  std::string bytes, sidecar;
};

Result<Written> bytes_of(RatingExchange::Format format, const study::Snapshot& snapshot) {
  using Format = RatingExchange::Format;
  const auto options = study::options_of(snapshot);
  Result<table::Table> table;
  switch (format) {
    case Format::volumes_x: table = study::volumes_marked(snapshot, options, "x"); break;
    case Format::volumes_na: table = study::volumes_marked(snapshot, options, "NA"); break;
    case Format::sheet: table = study::enigma_sheet(snapshot, options); break;
    case Format::table: table = study::long_table(snapshot.ratings); break;
    case Format::bids: table = study::bids_table(snapshot.ratings, IPSI_VERSION); break;
    case Format::matrix: table = study::rating_matrix(snapshot.ratings); break;
    case Format::reliability: table = ingest::reliability_table(ingest::rater_agreement(snapshot)); break;
    case Format::reasons: table = study::reason_table(snapshot.ratings); break;
  }
  if (!table) return tl::unexpected<Error>(table.error());
  const bool commas = format == Format::volumes_x || format == Format::volumes_na || format == Format::sheet;
  Written out;
  out.bytes = table::to_delimited(*table, commas ? ',' : '\t', format == Format::bids ? "n/a" : "");
  if (format == Format::bids) out.sidecar = study::bids_sidecar().dump(2) + "\n";
  return out;
}

}  // namespace

RatingExchange::RatingExchange(Context& context, QObject* parent) : QObject(parent), context_(context) {
  const auto follow = [this] {
    state_.open = context_.session.isOpen();
    state_.read_only = context_.session.readOnly();
  };
  connect(&context.session, &StudySession::opened, this, [this, follow] {
    context_.jobs.cancelKey(kJob);
    plan_.reset();
    state_ = {};
    follow();
    emit changed();
  });
  connect(&context.session, &StudySession::changed, this, [this](const StudySession::Change& change) {
    if ((change.everything || !change.ratings.empty()) && state_.stage == Stage::planned) start();
  });
  follow();
}

RatingExchange::~RatingExchange() = default;

void RatingExchange::plan(const QString& path, const QString& rater) {
  const QString written = state_.written;
  state_ = {};
  state_.written = written;
  state_.open = context_.session.isOpen();
  state_.read_only = context_.session.readOnly();
  state_.path = path;
  state_.file = QFileInfo(path).fileName();
  state_.rater = rater.trimmed();
  start();
}

void RatingExchange::setRater(const QString& rater) {
  if (rater.trimmed().isEmpty() || rater.trimmed() == state_.rater) return;
  state_.rater = rater.trimmed();
  start();
}

void RatingExchange::setReplace(bool replace) {
  if (replace == state_.replace) return;
  state_.replace = replace;
  start();
}

void RatingExchange::cancel() {
  context_.jobs.cancelKey(kJob);
  plan_.reset();
  const QString written = state_.written;
  state_ = {};
  state_.written = written;
  state_.open = context_.session.isOpen();
  state_.read_only = context_.session.readOnly();
  emit changed();
}

void RatingExchange::start() {
  state_.stage = Stage::reading;
  state_.can_import = false;
  context_.jobs.start<Planned>(
      {.title = tr("Read %1").arg(state_.file), .key = kJob},
      [snapshot = context_.session.snapshot(), path = std::filesystem::path(state_.path.toStdString()),
       rater = state_.rater.toStdString(), untimed = state_.replace ? study::Untimed::replace : study::Untimed::refuse,
       folder = context_.session.path().parent_path()](const Task& task) -> Result<Planned> {
        std::string who = rater.empty() ? only_rater(path) : rater;
        if (who.empty()) who = path.stem().string();
        auto plan = ingest::plan_ratings(path, *snapshot, who, untimed, folder, task);
        if (!plan) return tl::unexpected<Error>(plan.error());
        return Planned{std::make_shared<const ingest::RatingPlan>(std::move(*plan)), who};
      },
      this,
      [this](const Result<Planned>& made) {
        if (!made && made.error().code == Code::Cancelled) return;
        state_.what = state_.where = state_.mend = {};
        if (made) {
          plan_ = made->plan;
          state_.rater = text_of(made->rater);
          take(*plan_);
        } else {
          plan_.reset();
          state_.stage = Stage::failed;
          state_.problems.clear();
          state_.what = text_of(made.error().what);
          state_.where = text_of(made.error().where);
          state_.mend = text_of(made.error().mend);
        }
        emit changed();
      });
  emit changed();
}

void RatingExchange::take(const ingest::RatingPlan& plan) {
  state_.stage = Stage::planned;
  state_.raters.clear();
  for (const auto& rater : plan.raters) state_.raters << text_of(rater);
  state_.renamed = plan.renamed;
  state_.rows = plan.rows;
  state_.added = plan.added;
  state_.changed = plan.changed;
  state_.unchanged = plan.unchanged;
  state_.kept = plan.kept;
  state_.clashes.clear();
  const auto blind =
      ingest::blinding(*context_.session.snapshot(), context_.session.rater().toStdString());  // of who looks
  for (const auto& [counts, other] : plan.conflicts) {
    const Region* region = find_region(counts.region);
    const QString title = text_of(region == nullptr ? std::string_view(counts.region) : region->title);
    const QString person = text_of(blind.on ? ingest::coded_name(blind.seed, counts.person, 1) : counts.person);
    state_.clashes.push_back(
        {tr("%1 of %2, %3").arg(title, person, text_of(counts.rater)), word_of(counts), word_of(other)});
  }
  state_.problems.clear();
  state_.blocking = 0;
  state_.untimed = state_.replace;
  for (const auto& p : plan.problems) {
    QStringList place{text_of(p.file)};
    if (p.line > 0) place << tr("line %1").arg(p.line);
    if (!p.column.empty()) place << text_of(p.column);
    const bool blocks = p.severity == ingest::Severity::blocks;
    state_.problems.push_back({place.join(", "), text_of(p.subject), text_of(p.what), text_of(p.mend), blocks});
    state_.blocking += blocks ? 1 : 0;
  }
  if (state_.blocking > 0 && plan.refused == Code::Conflict && !plan.sheet) state_.untimed = true;
  state_.can_import = state_.blocking == 0 && !plan.request.changes.empty() && !state_.read_only;
}

bool RatingExchange::import() {
  if (!state_.can_import || !plan_) return false;
  const QString done = tr("%1: %2 flags are new, %3 changed").arg(state_.file).arg(state_.added).arg(state_.changed);
  study::Request request = plan_->request;
  request.author = context_.session.rater().toStdString();  // who imports, not who rated: theirs to undo
  state_.stage = Stage::reading;                            // what the act changes is no reason to plan again
  if (!context_.session.apply(std::move(request))) {
    state_.stage = Stage::planned;
    emit changed();
    return false;
  }
  context_.shell.toast(done, tr("Undo"), {}, [this] { context_.session.undo({"import_ratings"}); });
  cancel();
  return true;
}

QString RatingExchange::fileName(Format format) {
  switch (format) {
    case Format::volumes_x:
    case Format::volumes_na: return "LandRvolumes.csv";
    case Format::sheet: return "QC_fail.csv";
    case Format::table: return "ratings.tsv";
    case Format::bids: return "desc-roiqc_flags.tsv";
    case Format::matrix: return "ratings_by_rater.tsv";
    case Format::reliability: return "reliability.tsv";
    case Format::reasons: break;
  }
  return "reasons.tsv";
}

void RatingExchange::write(Format format, const QString& path) {
  const std::filesystem::path file = path.toStdString();
  struct Done {};
  context_.jobs.start<Done>(
      {.title = tr("Write %1").arg(QFileInfo(path).fileName()), .key = "qc.export." + path},
      [snapshot = context_.session.snapshot(), format, file](const Task&) -> Result<Done> {
        const auto made = bytes_of(format, *snapshot);
        if (!made) return tl::unexpected<Error>(made.error());
        if (!made->sidecar.empty()) {
          const auto beside = std::filesystem::path(file).replace_extension(".json");
          if (beside == file)
            return ipsi::fail(Code::Usage, "the BIDS table cannot end in .json", file.string(),
                              "name it desc-roiqc_flags.tsv");
          if (auto ok = write_file(beside, made->sidecar); !ok) return tl::unexpected<Error>(ok.error());
        }
        if (auto ok = write_file(file, made->bytes); !ok) return tl::unexpected<Error>(ok.error());
        return Done{};
      },
      this,
      [this, path](const Result<Done>& done) {
        if (done) {
          state_.written = path;
          context_.shell.toast(tr("Written: %1").arg(QFileInfo(path).fileName()));
        } else {
          context_.shell.tellError(text_of(done.error().what), text_of(done.error().where), text_of(done.error().mend));
        }
        emit written(path, done ? QString() : text_of(to_line(done.error())));
        emit changed();
      });
}

}  // namespace ipsi::ui
