// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/program.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QApplication>
#include <QCommandLineParser>
#include <QElapsedTimer>
#include <QSocketNotifier>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "app/gui/main_window.h"
#include "ui/widgets/style.h"

namespace ipsi::gui {
namespace {

constexpr int kIdleTick = 25;         // ms between looks at whether the window has settled
constexpr int kSettledTicks = 6;      // looks in a row without work before the picture is taken
constexpr int kWaitForWorkers = 900;  // ms at the end

const QStringList kWorkspaceNames{"study", "qc", "explore", "model", "map", "meta", "learn"};

std::array<int, 2> signal_pipe{-1, -1};

void on_signal(int) {
  const char byte = 1;
  if (::write(signal_pipe[0], &byte, 1) < 0) ::_exit(1);
}

/// SIGTERM, SIGINT and SIGHUP end the program as closing the window does, without asking.
void end_on_signals(QObject* parent, const std::function<void()>& end) {
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, signal_pipe.data()) != 0) return;
  auto* notifier = new QSocketNotifier(signal_pipe[1], QSocketNotifier::Read, parent);
  QObject::connect(notifier, &QSocketNotifier::activated, parent, [notifier, end] {
    notifier->setEnabled(false);
    end();
  });
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

/// Qt's remarks about the desktop it finds are not the user's business; IPSI_DEBUG=1 shows them.
void quiet(QtMsgType type, const QMessageLogContext&, const QString& message) {
  static const bool debug = qEnvironmentVariableIsSet("IPSI_DEBUG");
  if (debug || type == QtFatalMsg || type == QtCriticalMsg)
    std::fprintf(stderr, "ipsi-desktop: %s\n", qPrintable(message));
}

ui::ThemeChoice theme_choice(const QString& name) {
  if (name == "light") return ui::ThemeChoice::light;
  if (name == "dark") return ui::ThemeChoice::dark;
  return ui::ThemeChoice::system;
}

tl::unexpected<Error> bad(const QString& what, const QString& where, const QString& mend) {
  return fail(Code::Usage, what.toStdString(), where.toStdString(), mend.toStdString());
}

int say(const Error& error) {
  std::fprintf(stderr, "ipsi-desktop: %s\n", to_line(error).c_str());
  return exit_code(error.code);
}

/// Takes the picture once nothing is at work, and ends the program with the given code.
class Photographer : public QObject {
 public:
  Photographer(MainWindow& window, QString file) : window_(window), file_(std::move(file)) {
    timer_.setInterval(kIdleTick);
    connect(&timer_, &QTimer::timeout, this, [this] { look(); });
    timer_.start();
  }

 private:
  void look() {
    settled_ = window_.busy() ? 0 : settled_ + 1;
    if (settled_ < kSettledTicks) return;
    timer_.stop();
    const bool saved = window_.grab().save(file_);
    if (!saved)
      say({Code::Environment, "the screenshot cannot be written", file_.toStdString(),
           "name a .png in a folder you may write to"});
    window_.closeWithoutAsking();
    QCoreApplication::exit(saved ? 0 : exit_code(Code::Environment));
  }
  MainWindow& window_;
  QString file_;
  QTimer timer_;
  int settled_ = 0;
};

}  // namespace

QString usage() {
  return "Usage: ipsi-desktop [STUDY] [options]\n\n"
         "  STUDY                a study (.ipsi) to open\n"
         "  --workspace NAME     study, qc, explore, model, map\n"
         "  --subject ID         the person to show first\n"
         "  --theme light|dark   instead of what was chosen last\n"
         "  --text PERCENT       size of the text, 90 to 150\n"
         "  --size WxH           of the window, e.g. 1366x768\n"
         "  --action ID,ID       actions of Ctrl+K to run first, e.g. qc.page.raters\n"
         "  --screenshot FILE    open, wait until idle, write the picture, end\n"
         "  --version, --help\n";
}

Result<Options> parse_options(const QStringList& arguments) {
  QCommandLineParser parser;
  parser.setSingleDashWordOptionMode(QCommandLineParser::ParseAsLongOptions);
  parser.addOptions({{"workspace", "", "name"},
                     {"subject", "", "id"},
                     {"theme", "", "name"},
                     {"size", "", "WxH"},
                     {"text", "", "percent"},
                     {"action", "", "ids"},
                     {"screenshot", "", "file"},
                     {{"h", "help"}, ""},
                     {"version", ""}});
  if (!parser.parse(arguments)) return bad(parser.errorText(), "command line", "see ipsi-desktop --help");
  Options o;
  o.help = parser.isSet("help");
  o.version = parser.isSet("version");
  const QStringList rest = parser.positionalArguments();
  if (rest.size() > 1)
    return bad(QString("%1 studies were named").arg(rest.size()), rest[1], "name one; open others in the window");
  if (!rest.isEmpty()) o.study = rest.front();
  o.workspace = parser.value("workspace");
  if (!o.workspace.isEmpty() && !kWorkspaceNames.contains(o.workspace))
    return bad("there is no workspace '" + o.workspace + "'", "--workspace",
               "use one of " + kWorkspaceNames.join(", "));
  o.subject = parser.value("subject");
  o.theme = parser.value("theme");
  if (!o.theme.isEmpty() && o.theme != "light" && o.theme != "dark")
    return bad("there is no theme '" + o.theme + "'", "--theme", "use light or dark");
  if (parser.isSet("text")) {
    o.text_percent = parser.value("text").toInt();
    if (o.text_percent < 90 || o.text_percent > 150)
      return bad("the text size is '" + parser.value("text") + "'", "--text", "use 90 to 150");
  }
  if (parser.isSet("size")) {
    const auto parts = parser.value("size").split('x');
    if (parts.size() == 2) o.size = QSize(parts[0].toInt(), parts[1].toInt());
    if (o.size.width() < 320 || o.size.height() < 240 || o.size.width() > 16384 || o.size.height() > 16384)
      return bad("the size is '" + parser.value("size") + "'", "--size", "write width and height as 1366x768");
  }
  o.actions = parser.value("action").split(',', Qt::SkipEmptyParts);
  o.screenshot = parser.value("screenshot");
  return o;
}

int run(int argc, char** argv) {
  QStringList arguments;
  for (int i = 0; i < argc; ++i) arguments << QString::fromLocal8Bit(argv[i]);
  const auto options = parse_options(arguments);
  if (!options) return say(options.error());
  if (options->help) return std::fputs(qPrintable(usage()), stdout) < 0 ? 5 : 0;
  if (options->version) return std::printf("ipsi-desktop %s\n", IPSI_VERSION) < 0 ? 5 : 0;

  qInstallMessageHandler(quiet);
  // Without a display the window is still useful for pictures.
  if (!options->screenshot.isEmpty() && !qEnvironmentVariableIsSet("QT_QPA_PLATFORM") &&
      !qEnvironmentVariableIsSet("DISPLAY") && !qEnvironmentVariableIsSet("WAYLAND_DISPLAY"))
    qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication app(argc, argv);
  QApplication::setApplicationName("ipsi-desktop");
  QApplication::setApplicationDisplayName("Ipsi");
  QApplication::setDesktopFileName("ipsi-desktop");

  ui::Settings settings;
  const auto looks = [&] {
    ui::Theme::apply(theme_choice(options->theme.isEmpty() ? settings.theme() : options->theme),
                     options->text_percent > 0 ? options->text_percent : settings.textPercent());
  };
  looks();
  new ui::FocusRing(&app);
  int code = 0;
  bool stopped = true;
  {
    ui::StudySession session;
    ui::Jobs jobs;
    ui::Actions actions;
    ui::Shell shell;
    session.setRater(settings.rater());
    ui::LiveModels models{session, jobs};
    ui::Latencies latencies;
    ui::Context context{session, jobs, actions, settings, shell, models, latencies};
    MainWindow window(context, workspaces());
    const bool picture = !options->screenshot.isEmpty();
    window.keepLayout(!picture);
    // A choice made in the window counts from then on, whatever the command line said.
    QObject::connect(&settings, &ui::Settings::looksChanged, &app,
                     [&settings] { ui::Theme::apply(theme_choice(settings.theme()), settings.textPercent()); });
    if (options->size.isValid()) window.resize(options->size);
    end_on_signals(&app, [&window] {
      window.closeWithoutAsking();
      QCoreApplication::quit();
    });
    window.show();
    if (!options->study.isEmpty() && window.openStudy(options->study, options->workspace)) {
      const QString& subject = options->subject;
      if (session.people().contains(subject))
        session.select(subject);
      else if (!subject.isEmpty())
        shell.tellError(QObject::tr("There is no subject '%1' in this study").arg(subject), session.name(),
                        QObject::tr("choose one with Ctrl+K"));
      if (!options->workspace.isEmpty() && window.workspace() != options->workspace)
        shell.tellError(QObject::tr("This Ipsi has no workspace '%1'").arg(options->workspace), {},
                        QObject::tr("the rail shows those it has"));
    }
    for (const QString& id : options->actions)
      if (!actions.trigger(id))
        shell.tellError(QObject::tr("The action '%1' cannot be run").arg(id), {},
                        QObject::tr("it is unknown, or not possible here"));
    std::unique_ptr<Photographer> photographer;
    if (picture) photographer = std::make_unique<Photographer>(window, options->screenshot);
    code = QApplication::exec();
    stopped = jobs.shutDown(kWaitForWorkers);
  }
  if (!stopped) {  // a worker is deep in a library that cannot be interrupted; nothing of ours is half written
    std::fflush(nullptr);
    ::_exit(code);
  }
  return code;
}

}  // namespace ipsi::gui
