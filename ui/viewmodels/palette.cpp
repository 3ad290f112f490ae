// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/palette.h"

#include <algorithm>

#include "core/base/regions.h"
#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

struct Ranked {
  int rank;
  PaletteEntry entry;
};

void add_people(const Context& context, const QString& query, std::vector<Ranked>& out) {
  StudySession& session = context.session;
  if (session.blind()) return;
  for (const auto& id : session.people()) {
    const int rank = match_rank(query, id);
    if (rank < 0) continue;
    out.push_back({rank + 1, {PaletteEntry::Kind::person, id, StudySession::tr("person"), {}, true, [&session, id] {
                                session.select(id);
                              }}});
  }
}

void add_regions(const Context& context, const QString& query, std::vector<Ranked>& out) {
  StudySession& session = context.session;
  for (const auto& region : kRegions) {
    const QString title = text_of(region.title), key = text_of(region.key);
    const int rank = match_rank(query, title + " " + key + " " + text_of(region.enigma));
    if (rank < 0) continue;
    out.push_back({rank, {PaletteEntry::Kind::region, title, StudySession::tr("region"), {}, true, [&session, key] {
                            session.select(session.person(), key);
                          }}});
  }
}

}  // namespace

int match_rank(const QString& typed, const QString& given) {
  const QString text = given.toLower();
  int rank = 0;
  for (const QString& word : typed.toLower().split(' ', Qt::SkipEmptyParts)) {
    const auto at = text.indexOf(word);
    if (at < 0) return -1;
    if (at == 0) continue;
    rank += text[at - 1].isLetterOrNumber() ? 100 : 10;
  }
  return rank + static_cast<int>(std::min<qsizetype>(given.size(), 9));
}

std::vector<PaletteEntry> palette_entries(const Context& context, const QString& workspace, const QString& query,
                                          int most) {
  const bool all = query.trimmed().isEmpty();
  std::vector<Ranked> ranked;
  for (const auto& action : context.actions.all()) {
    if (!action.workspace.isEmpty() && action.workspace != workspace) continue;
    int rank = all ? 0 : match_rank(query, action.text);
    if (rank < 0 && match_rank(query, action.text + " " + action.words) >= 0) rank = 500;
    if (rank < 0) continue;
    const QString id = action.id;
    Actions& actions = context.actions;
    ranked.push_back(
        {rank, {PaletteEntry::Kind::action, action.text, {}, action.shortcut, actions.enabled(id), [&actions, id] {
                  actions.trigger(id);
                }}});
  }
  if (!all && context.session.isOpen()) {
    add_regions(context, query, ranked);
    add_people(context, query, ranked);
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; });
  if (static_cast<int>(ranked.size()) > most) ranked.resize(static_cast<std::size_t>(most));
  std::vector<PaletteEntry> out;
  for (auto& item : ranked) out.push_back(std::move(item.entry));
  return out;
}

}  // namespace ipsi::ui
