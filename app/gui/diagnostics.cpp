// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/diagnostics.h"

#include <QApplication>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QSysInfo>
#include <QThread>
#include <QVBoxLayout>
#include <QWindow>
#include <algorithm>
#include <cmath>

#include "app/gui/status_bar.h"

namespace ipsi::gui {
namespace {

using ui::Latencies;
using ui::TextRole;
using ui::Theme;

constexpr int kGap = 12;

QString milliseconds(double ms) {
  return ui::formatNumber(ms, ms < 10.0 ? 1 : 0);
}
QString edge_words(int bin) {
  if (bin == Latencies::kBins - 1) return QStringLiteral("1 s+");
  return QString("<%1").arg(static_cast<int>(Latencies::edge(bin)));
}

}  // namespace

KeyWatch::KeyWatch(Latencies& latencies, QWidget& window) : QObject(&window), latencies_(latencies), window_(window) {
  qApp->installEventFilter(this);
}

bool KeyWatch::eventFilter(QObject* watched, QEvent* event) {
  // Where a key enters, before any widget may take it.
  if (event->type() == QEvent::KeyPress && watched == window_.windowHandle() &&
      !static_cast<QKeyEvent*>(event)->isAutoRepeat())
    latencies_.ready(tr("Key to picture"), Latencies::now());
  return false;
}

/// A row per kind: words and numbers on the left, bars on the right, one scale of time for all.
class Diagnostics::Bars : public QWidget {
 public:
  explicit Bars(Latencies& latencies) : latencies_(latencies) { setAccessibleName(Diagnostics::tr("Histogram")); }
  [[nodiscard]] QSize sizeHint() const override {
    return {ui::scaled(780), head() + std::max(1, static_cast<int>(latencies_.rows().size())) * tall() + head()};
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const Theme& t = Theme::current();
    const auto rows = latencies_.rows();
    painter.setFont(ui::font(TextRole::small));
    painter.setPen(t.muted);
    if (rows.empty()) {
      painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter,
                       Diagnostics::tr("Nothing measured yet: press some keys in QC."));
      return;
    }
    const int left = width() * 54 / 100, step = (width() - left) / Latencies::kBins;
    const std::array<QString, 5> heads{Diagnostics::tr("ms"), "n", Diagnostics::tr("median"), "95 %",
                                       Diagnostics::tr("longest")};
    const auto column = [&](int c) {
      return QRect(left - kGap - (4 - c) * ui::scaled(54) - ui::scaled(54), 0, ui::scaled(54), head());
    };
    for (int c = 1; c < 5; ++c)
      painter.drawText(column(c), Qt::AlignRight | Qt::AlignVCenter, heads[static_cast<std::size_t>(c)]);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto& row = rows[i];
      const int top = head() + static_cast<int>(i) * tall();
      painter.setFont(ui::font(TextRole::body));
      painter.setPen(t.text);
      painter.drawText(QRect(0, top, column(1).left(), tall()), Qt::AlignLeft | Qt::AlignVCenter, row.what);
      const std::array<QString, 4> cells{ui::formatNumber(row.n, 0), milliseconds(row.median), milliseconds(row.p95),
                                         milliseconds(row.longest)};
      for (int c = 1; c < 5; ++c)
        painter.drawText(column(c).translated(0, top).adjusted(0, 0, 0, tall() - head()),
                         Qt::AlignRight | Qt::AlignVCenter, cells[static_cast<std::size_t>(c - 1)]);
      const int most = *std::max_element(row.bins.begin(), row.bins.end());
      for (int b = 0; b < Latencies::kBins; ++b) {
        const int count = row.bins[static_cast<std::size_t>(b)];
        const int high = count == 0 ? 1 : std::max(2, (tall() - 8) * count / most);
        painter.fillRect(QRect(left + b * step + 1, top + tall() - 4 - high, step - 2, high),
                         count == 0 ? t.hair : t.accent);
      }
    }
    painter.setFont(ui::font(TextRole::tiny));
    painter.setPen(t.muted);
    const int foot = head() + static_cast<int>(rows.size()) * tall();
    for (int b = 1; b < Latencies::kBins; b += 2)  // every second one has room
      painter.drawText(QRect(left + b * step - step / 2, foot, 2 * step, head()), Qt::AlignCenter, edge_words(b));
  }

 private:
  [[nodiscard]] static int head() { return QFontMetrics(ui::font(TextRole::small)).height() + 6; }
  [[nodiscard]] static int tall() { return ui::scaled(44); }
  Latencies& latencies_;
};

Diagnostics::Diagnostics(ui::Context& context, QWidget* parent) : QDialog(parent), context_(context) {
  setObjectName("diagnostics");
  setWindowTitle(tr("Diagnostics"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 16, 16, 16);
  column->setSpacing(kGap);
  column->addWidget(new ui::Label(tr("How long the window takes to answer, in milliseconds"), TextRole::title_strong));
  bars_ = new Bars(context.latencies);
  column->addWidget(bars_, 1);
  facts_ = new ui::Label({}, TextRole::small, ui::Tone::muted);
  facts_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  facts_->setWordWrap(true);
  column->addWidget(facts_);
  auto* row = new QHBoxLayout;
  auto* clear = ui::makeButton(tr("Start again"));
  clear->setObjectName("diagnostics.clear");
  auto* copy = ui::makeButton(tr("Copy for a report"), ui::ButtonKind::plain, "copy");
  copy->setObjectName("diagnostics.copy");
  auto* close = ui::makeButton(tr("Close"));
  row->addWidget(clear);
  row->addStretch(1);
  row->addWidget(copy);
  row->addWidget(close);
  column->addLayout(row);
  connect(clear, &QPushButton::clicked, this, [this] { context_.latencies.clear(); });
  connect(copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(text()); });
  connect(close, &QPushButton::clicked, this, &QDialog::close);
  // It must not measure its own painting at every key.
  soon_.setSingleShot(true);
  soon_.setInterval(500);
  connect(&soon_, &QTimer::timeout, this, &Diagnostics::render);
  connect(&context.latencies, &Latencies::changed, this, [this] {
    if (isVisible() && !soon_.isActive()) soon_.start();
  });
  render();
}

QString Diagnostics::text() const {
  QStringList lines{facts_->text(), QStringLiteral("what\tn\tmedian ms\t95 % ms\tlongest ms")};
  for (const auto& row : context_.latencies.rows())
    lines << QString("%1\t%2\t%3\t%4\t%5")
                 .arg(row.what)
                 .arg(row.n)
                 .arg(row.median, 0, 'f', 1)
                 .arg(row.p95, 0, 'f', 1)
                 .arg(row.longest, 0, 'f', 1);
  return lines.join('\n') + '\n';
}

void Diagnostics::render() {
  const double mega = static_cast<double>(resident_bytes()) / (1024.0 * 1024.0);
  facts_->setText(tr("Ipsi %1, Qt %2, %3, %4 processors, %5, scale %6, memory %7 MB, %8 people open")
                      .arg(QString(IPSI_VERSION), QString(qVersion()), QSysInfo::prettyProductName())
                      .arg(QThread::idealThreadCount())
                      .arg(QGuiApplication::platformName())
                      .arg(devicePixelRatioF(), 0, 'g', 3)
                      .arg(mega, 0, 'f', 0)
                      .arg(context_.session.people().size()));
  bars_->updateGeometry();
  bars_->update();
}

}  // namespace ipsi::gui
