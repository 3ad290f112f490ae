// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/stats/lme.h"  // base must not know stats: the check has to see this
