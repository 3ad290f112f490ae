// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/actions.h"

#include <algorithm>

namespace ipsi::ui {

void Actions::add(Action action, QObject* owner) {
  const QString id = action.id;
  const auto same = std::find_if(actions_.begin(), actions_.end(), [&](const Action& a) { return a.id == id; });
  if (same != actions_.end())
    *same = std::move(action);
  else
    actions_.push_back(std::move(action));
  if (owner != nullptr) connect(owner, &QObject::destroyed, this, [this, id] { remove(id); });
  emit changed();
}

void Actions::remove(const QString& id) {
  const auto gone = std::remove_if(actions_.begin(), actions_.end(), [&](const Action& a) { return a.id == id; });
  if (gone == actions_.end()) return;
  actions_.erase(gone, actions_.end());
  emit changed();
}

const Action* Actions::find(const QString& id) const {
  const auto found = std::find_if(actions_.begin(), actions_.end(), [&](const Action& a) { return a.id == id; });
  return found == actions_.end() ? nullptr : &*found;
}

bool Actions::enabled(const QString& id) const {
  const Action* action = find(id);
  return action != nullptr && action->run && (!action->enabled || action->enabled());
}

bool Actions::trigger(const QString& id) {
  if (!enabled(id)) return false;
  const auto run = find(id)->run;  // a copy: running may remove the action
  run();
  return true;
}

}  // namespace ipsi::ui
