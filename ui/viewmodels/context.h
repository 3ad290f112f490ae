// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/viewmodels/actions.h"
#include "ui/viewmodels/jobs.h"
#include "ui/viewmodels/latencies.h"
#include "ui/viewmodels/live_models.h"
#include "ui/viewmodels/settings.h"
#include "ui/viewmodels/shell.h"
#include "ui/viewmodels/study_session.h"

namespace ipsi::ui {

/// What every workspace gets when it is made. All of it outlives the workspace.
struct Context {
  StudySession& session;
  Jobs& jobs;
  Actions& actions;
  Settings& settings;
  Shell& shell;
  LiveModels& models;
  Latencies& latencies;
};

}  // namespace ipsi::ui
