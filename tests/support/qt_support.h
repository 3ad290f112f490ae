// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <QApplication>
#include <QDeadlineTimer>
#include <QTemporaryDir>
#include <QTest>
#include <functional>
#include <memory>

#include "tests/support/support.h"

namespace ipsi::test {

/// Included by a test file: a QApplication without a display, with settings and data folders of its own.
class QtEnvironment : public testing::Environment {
 public:
  void SetUp() override {
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
    qputenv("XDG_CONFIG_HOME", folder_.filePath("config").toLocal8Bit());
    qputenv("XDG_CACHE_HOME", folder_.filePath("cache").toLocal8Bit());
    qputenv("XDG_DATA_HOME", folder_.filePath("data").toLocal8Bit());
    static int argc = 1;
    static char name[] = "test";
    static char* argv[] = {name, nullptr};
    app_ = std::make_unique<QApplication>(argc, argv);
  }
  void TearDown() override { app_.reset(); }

 private:
  QTemporaryDir folder_;
  std::unique_ptr<QApplication> app_;
};

inline testing::Environment* const qt_environment = testing::AddGlobalTestEnvironment(new QtEnvironment);

/// Runs the event loop until `holds`, at most `milliseconds`. What it returns is for EXPECT_TRUE.
[[nodiscard]] inline bool wait_until(const std::function<bool()>& holds, int milliseconds = 20000) {
  const QDeadlineTimer end(milliseconds);
  while (!holds() && !end.hasExpired()) QTest::qWait(5);
  return holds();
}

}  // namespace ipsi::test
