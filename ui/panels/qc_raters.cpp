// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_raters.h"

#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMimeData>
#include <QUrl>

#include "ui/panels/qc_raters_parts.h"

namespace ipsi::ui {
namespace {

constexpr int kSideWidth = 172;

QString file_of(const QMimeData& data) {
  const auto urls = data.urls();
  if (urls.size() != 1 || !urls.front().isLocalFile()) return {};
  const QString path = urls.front().toLocalFile();
  for (const char* ending : {".tsv", ".csv", ".txt", ".xlsx", ".pdf", ".html"})
    if (path.endsWith(QLatin1String(ending), Qt::CaseInsensitive)) return path;
  return {};
}

}  // namespace

QcRaters::QcRaters(Context& context, QWidget* parent)
    : QWidget(parent), context_(context), model_(context), exchange_(context) {
  setObjectName("qc.raters");
  setAcceptDrops(true);
  setFocusPolicy(Qt::StrongFocus);
  auto* ground = new Pane(&Theme::surface);
  auto* whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(ground);
  auto* column = new QVBoxLayout(ground);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  header_ = new PaneHeader(tr("Raters"));
  auto* back = makeButton(tr("Back to rating"), ButtonKind::compact);
  back->setObjectName("qc.raters.back");
  header_->add(back);
  header_->add(new KeyCap("Esc"));
  column->addWidget(header_);
  column->addWidget(new Line(Qt::Horizontal));
  stack_ = new QStackedWidget;
  auto* body = new QWidget;
  auto* row = new QHBoxLayout(body);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  side_ = new Pane(&Theme::window, Qt::RightEdge);
  auto* names = new QVBoxLayout(side_);
  names->setContentsMargins(0, 6, 1, 0);
  list_ = new StudyList;
  list_->setObjectName("qc.raters.parts");
  list_->setAccessibleName(tr("Parts of the page"));
  names->addWidget(list_);
  names->addStretch(1);
  row->addWidget(side_);
  pages_ = new QStackedWidget;
  auto* open = new RatersDisputes(model_);
  auto* exchange = new RatersFiles(exchange_);
  parts_ = {new RatersWho(model_),
            new RatersShare(model_),
            new RatersAgreement(model_, exchange_),
            open,
            new RatersRules(model_),
            exchange};
  for (auto* part : parts_) pages_->addWidget(part);
  row->addWidget(pages_, 1);
  auto* trouble = new QWidget;
  auto* inset = new QVBoxLayout(trouble);
  inset->setContentsMargins(12, 12, 12, 12);
  error_ = new ErrorCard;
  inset->addWidget(error_);
  inset->addStretch(1);
  empty_ = new EmptyState(tr("No study is open: there is nobody to rate."), tr("Go to Study"));
  empty_->setObjectName("qc.raters.empty");
  stack_->addWidget(body);
  stack_->addWidget(trouble);
  stack_->addWidget(empty_);
  column->addWidget(stack_, 1);
  connect(back, &QPushButton::clicked, this, &QcRaters::closed);
  connect(list_, &StudyList::chosen, this, &QcRaters::showPart);
  connect(open, &RatersDisputes::adjudicate, this, &QcRaters::adjudicate);
  connect(exchange, &RatersFiles::sheetWanted, this, [this] { context_.actions.trigger("qc.sheet"); });
  connect(&model_, &RatersModel::queueWanted, this, &QcRaters::queueWanted);
  connect(&model_, &RatersModel::changed, this, &QcRaters::render);
  connect(&exchange_, &RatingExchange::changed, this, &QcRaters::render);
  connect(empty_, &EmptyState::pressed, this, [this] { context_.shell.showWorkspace("study"); });
  addActions();
  render();
}

QcRaters::~QcRaters() {
  qDeleteAll(findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly));  // before what they show
}

void QcRaters::addActions() {
  const auto add = [this](const char* id, const QString& text, std::function<void()> run, const char* words,
                          bool reading = true) {
    context_.actions.add({.id = QString("qc.raters.") + id,
                          .text = text,
                          .shortcut = {},
                          .workspace = "qc",
                          .run = std::move(run),
                          .enabled =
                              [this, reading] {
                                return isVisible() && context_.session.isOpen() &&
                                       (reading || !context_.session.readOnly());
                              },
                          .words = words},
                         this);
  };
  const char* words[] = {"who profile name blind",    "assign split overlap repeats calibration gold",
                         "kappa reliability percent", "disagree conflict adjudicate consensus",
                         "rule consensus majority",   "import export merge"};
  const QString titles[] = {tr("Raters: who they are"),  tr("Raters: assignment"),        tr("Raters: agreement"),
                            tr("Raters: disagreements"), tr("Raters: which flags count"), tr("Raters: files")};
  for (int i = 0; i < 6; ++i)
    add(
        QByteArray::number(i).constData(), titles[i], [this, i] { showPart(i); }, words[i]);
  add(
      "adjudicate", tr("Adjudicate what raters disagree on"), [this] { emit adjudicate(); }, "third consensus", false);
  auto* own = static_cast<RatersFiles*>(parts_[files]);
  add(
      "import", tr("Read another rater's file..."),
      [this, own] {
        showPart(files);
        own->choose();
      },
      "import ratings tsv merge", false);
  const std::pair<const char*, RatingExchange::Format> formats[] = {
      {"volumes", RatingExchange::Format::volumes_x}, {"sheet", RatingExchange::Format::sheet},
      {"table", RatingExchange::Format::table},       {"bids", RatingExchange::Format::bids},
      {"matrix", RatingExchange::Format::matrix},     {"reliability", RatingExchange::Format::reliability},
      {"reasons", RatingExchange::Format::reasons}};
  for (const auto& [id, format] : formats)
    add((std::string("save.") + id).c_str(), tr("Save %1...").arg(RatingExchange::fileName(format)),
        [own, format = format] { own->save(format); }, "export ratings flags");
  add(
      "close", tr("Back to rating"), [this] { emit closed(); }, "leave raters page");
}

void QcRaters::showPart(int part) {
  part_ = std::clamp(part, 0, static_cast<int>(parts_.size()) - 1);
  render();
}

void QcRaters::renderList() {
  const auto& state = model_.state();
  const auto count = [](int n) { return n > 0 ? formatNumber(n, 0) : QString(); };
  int left = 0;
  for (const auto& share : state.shares) left += share.people - share.done;
  const int open = state.open_disputes + static_cast<int>(state.conflicts.size());
  const std::pair<QString, QString> titles[] = {
      {tr("Who rates"), count(state.first_looks)},
      {tr("Assignment"), left > 0 ? tr("%1 left").arg(count(left)) : QString()},
      {tr("Agreement"), {}},
      {tr("Disagreements"), count(open)},
      {tr("Which flags count"), {}},
      {tr("Files"), {}}};
  std::vector<StudyList::Row> rows;
  for (int i = 0; i < static_cast<int>(std::size(titles)); ++i)
    rows.push_back({{}, titles[i].first, {}, titles[i].second, i == disputes && open > 0, false, i == part_});
  list_->setRows(std::move(rows), true);
}

void QcRaters::render() {
  const auto& state = model_.state();
  dirty_ = !isVisible();
  if (dirty_) return;
  stack_->setCurrentIndex(!state.open ? 2 : state.what.isEmpty() ? 0 : 1);
  error_->setError(state.what, state.where, state.mend);
  header_->setNote(!state.open              ? QString()
                   : state.working          ? tr("working out the numbers")
                   : state.first_looks == 0 ? tr("nobody has rated yet")
                   : state.first_looks == 1 ? tr("1 rater")
                                            : tr("%1 raters").arg(state.first_looks));
  renderList();
  pages_->setCurrentIndex(part_);
  parts_[static_cast<std::size_t>(part_)]->render();
}

void QcRaters::place() {
  side_->setFixedWidth(std::min(scaled(kSideWidth), width() * 22 / 100));
}

void QcRaters::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  place();
  model_.setShown(true);
  render();
  list_->setFocus(Qt::OtherFocusReason);
}

void QcRaters::hideEvent(QHideEvent* event) {
  model_.setShown(false);
  QWidget::hideEvent(event);
}

void QcRaters::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape) return emit closed();
  QWidget::keyPressEvent(event);
}

void QcRaters::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  place();
}

void QcRaters::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange) place();
}

void QcRaters::dragEnterEvent(QDragEnterEvent* event) {
  if (model_.state().open && !file_of(*event->mimeData()).isEmpty()) event->acceptProposedAction();
}

void QcRaters::dropEvent(QDropEvent* event) {
  const QString path = file_of(*event->mimeData());
  if (path.isEmpty()) return;
  event->acceptProposedAction();
  showPart(files);
  exchange_.plan(path);
}

}  // namespace ipsi::ui
