// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/path_layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/stats/path_curves.h"

namespace ipsi::stats {
namespace {

constexpr double kRowGap = 11.0;       // between what stands in one column
constexpr double kPassage = 24.0;      // a long path's room in the columns it passes
constexpr double kIndicatorGap = 3.5;  // between indicators
constexpr double kOutside = 11.0;      // room for a residual and its label

enum class Side { none, left, right, up, down };

/// Places nodes; edges come after.
class Places {
 public:
  explicit Places(const PathGraph& graph) : g_(graph), n_(graph.nodes.size()) {
    boxes_.resize(n_);
    double widest = 0.0;
    for (const auto& e : g_.edges)
      if (e.kind == PathGraph::Edge::Kind::path)
        widest = std::fmax(widest, words_mm(e.label, spec::Diagram{}.label_pt));
    column_gap_ = std::fmax(30.0, widest + 16.0);
    fan_gap_ = std::fmax(17.0, widest + 6.0);
    for (std::size_t i = 0; i < n_; ++i) {
      const PathGraph::Node& node = g_.nodes[i];
      const double words = words_mm(node.label, spec::Diagram{}.node_pt);
      boxes_[i].ellipse = node.latent;
      boxes_[i].width = node.latent ? std::fmax(21.0, 1.2 * words + 7.0) : std::fmax(13.0, words + 4.5);
      boxes_[i].height = node.latent ? 12.0 : 7.5;
    }
  }

  std::vector<Box> place(std::vector<Side>& outward) {
    find_layers();
    choose_sides();
    order_columns();
    set_places();
    outward.assign(n_, Side::none);
    for (std::size_t i = 0; i < n_; ++i) {
      if (g_.nodes[i].factor >= 0)
        outward[i] = side_[static_cast<std::size_t>(g_.nodes[i].factor)];
      else if (g_.nodes[i].covariate)
        outward[i] = Side::down;
      else
        outward[i] = side_[i] == Side::up ? Side::down : Side::up;
    }
    return boxes_;
  }

 private:
  bool structural(std::size_t i) const { return g_.nodes[i].factor < 0 && !g_.nodes[i].covariate; }
  bool is_step(const PathGraph::Edge& e) const {
    return e.kind == PathGraph::Edge::Kind::path && structural(static_cast<std::size_t>(e.from)) &&
           structural(static_cast<std::size_t>(e.to));
  }
  std::vector<std::size_t> indicators(std::size_t factor) const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < n_; ++i)
      if (g_.nodes[i].factor == static_cast<int>(factor)) out.push_back(i);
    return out;
  }

  /// Longest way from a first cause; circles end after as many rounds as there are nodes.
  void find_layers() {
    layer_.assign(n_, 0);
    for (std::size_t round = 0; round < n_; ++round) {
      bool moved = false;
      for (const auto& e : g_.edges) {
        if (!is_step(e)) continue;
        int& to = layer_[static_cast<std::size_t>(e.to)];
        const int wanted = std::min(layer_[static_cast<std::size_t>(e.from)] + 1, static_cast<int>(n_) - 1);
        if (to < wanted) {
          to = wanted;
          moved = true;
        }
      }
      if (!moved) break;
    }
    // A cause of late things only stands just before them.
    for (std::size_t i = 0; i < n_; ++i) {
      int next = std::numeric_limits<int>::max();
      bool caused = false;
      for (const auto& e : g_.edges) {
        if (!is_step(e)) continue;
        caused = caused || e.to == static_cast<int>(i);
        if (e.from == static_cast<int>(i)) next = std::min(next, layer_[static_cast<std::size_t>(e.to)]);
      }
      if (!caused && next != std::numeric_limits<int>::max()) layer_[i] = std::max(0, next - 1);
    }
    std::vector<int> used;
    for (std::size_t i = 0; i < n_; ++i)
      if (structural(i)) used.push_back(layer_[i]);
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    for (std::size_t i = 0; i < n_; ++i)
      if (structural(i))
        layer_[i] = static_cast<int>(std::lower_bound(used.begin(), used.end(), layer_[i]) - used.begin());
    layers_ = static_cast<int>(used.size());
  }

  void choose_sides() {
    side_.assign(n_, Side::none);
    std::vector<bool> linked(n_, false);
    for (const auto& e : g_.edges) {
      if (e.kind != PathGraph::Edge::Kind::covariance) continue;
      const int a = g_.nodes[static_cast<std::size_t>(e.from)].factor,
                b = g_.nodes[static_cast<std::size_t>(e.to)].factor;
      if (a >= 0 && b >= 0 && a != b) linked[static_cast<std::size_t>(a)] = linked[static_cast<std::size_t>(b)] = true;
    }
    for (std::size_t i = 0; i < n_; ++i) {
      if (indicators(i).empty()) continue;
      if (layers_ == 1)
        side_[i] = Side::right;
      else if (linked[i])
        side_[i] = Side::down;
      else if (layer_[i] == 0)
        side_[i] = Side::left;
      else if (layer_[i] == layers_ - 1)
        side_[i] = Side::right;
      else
        side_[i] = Side::down;
    }
  }

  /// Nodes and passages of long paths in each column, neighbours' middles deciding the order.
  void order_columns() {
    columns_.assign(static_cast<std::size_t>(layers_), {});
    for (std::size_t i = 0; i < n_; ++i)
      if (structural(i)) columns_[static_cast<std::size_t>(layer_[i])].push_back({static_cast<int>(i), {}, 0.0});
    for (const auto& e : g_.edges) {
      if (!is_step(e)) continue;
      const int a = layer_[static_cast<std::size_t>(e.from)], b = layer_[static_cast<std::size_t>(e.to)];
      for (int l = std::min(a, b) + 1; l < std::max(a, b); ++l)
        columns_[static_cast<std::size_t>(l)].push_back({-1, {e.from, e.to}, 0.0});
    }
    for (int sweep = 0; sweep < 8; ++sweep)
      for (std::size_t l = 0; l < columns_.size(); ++l) {
        auto& column = columns_[sweep % 2 == 0 ? l : columns_.size() - 1 - l];
        for (Slot& slot : column) slot.wanted = middle_of(slot);
        std::stable_sort(column.begin(), column.end(),
                         [](const Slot& a, const Slot& b) { return a.wanted < b.wanted; });
      }
    // Rows of indicators below need nothing under them; if one column holds several, only the last has them below.
    for (auto& column : columns_)
      std::stable_sort(column.begin(), column.end(), [&](const Slot& a, const Slot& b) { return down(a) < down(b); });
  }

  struct Slot {
    int node = -1;              // -1: a path passes here
    std::array<int, 2> ends{};  // of the passing path
    double wanted = 0.0;
  };
  bool down(const Slot& slot) const {
    return slot.node >= 0 && side_[static_cast<std::size_t>(slot.node)] == Side::down;
  }

  double rank_of(int node) const {
    const auto& column = columns_[static_cast<std::size_t>(layer_[static_cast<std::size_t>(node)])];
    for (std::size_t i = 0; i < column.size(); ++i)
      if (column[i].node == node) return static_cast<double>(i) - 0.5 * static_cast<double>(column.size() - 1);
    return 0.0;
  }
  double middle_of(const Slot& slot) const {
    // A passage goes below the nodes it passes when nothing else speaks.
    if (slot.node < 0) return 0.5 * (rank_of(slot.ends[0]) + rank_of(slot.ends[1])) + 0.3;
    double sum = 0.0, count = 0.0;
    for (const auto& e : g_.edges) {
      if (!is_step(e) || (e.from != slot.node && e.to != slot.node)) continue;
      sum += rank_of(e.from == slot.node ? e.to : e.from);
      count += 1.0;
    }
    return count > 0.0 ? sum / count : rank_of(slot.node);
  }

  struct Extent {
    double left, right, up, down;
  };
  Extent extent(int node) const {
    if (node < 0) return {0.0, 0.0, 0.5 * kPassage, 0.5 * kPassage - kRowGap};
    const auto i = static_cast<std::size_t>(node);
    Extent e{0.5 * boxes_[i].width, 0.5 * boxes_[i].width, 0.5 * boxes_[i].height, 0.5 * boxes_[i].height};
    double wide = 0.0, row = 0.0, stack = 0.0;
    for (const std::size_t k : indicators(i)) {
      wide = std::fmax(wide, boxes_[k].width);
      row += boxes_[k].width + kIndicatorGap;
      stack += boxes_[k].height + kIndicatorGap;
    }
    switch (side_[i]) {
      case Side::left: e.left += fan_gap_ + wide + kOutside; break;
      case Side::right: e.right += fan_gap_ + wide + kOutside; break;
      case Side::up: e.up += fan_gap_ + 7.5 + kOutside; break;
      case Side::down: e.down += fan_gap_ + 7.5 + kOutside; break;
      case Side::none: break;
    }
    const bool beside = side_[i] == Side::left || side_[i] == Side::right;
    if (beside) e.up = e.down = std::fmax(e.up, 0.5 * stack);
    if (side_[i] == Side::up || side_[i] == Side::down) e.left = e.right = std::fmax(e.left, 0.5 * row);
    return e;
  }

  void set_places() {
    double x = 0.0;
    double lowest = -std::numeric_limits<double>::infinity();
    for (std::size_t l = 0; l < columns_.size(); ++l) {
      double left = 0.0, right = 0.0, height = -kRowGap;
      for (const Slot& slot : columns_[l]) {
        const Extent e = extent(slot.node);
        left = std::fmax(left, e.left);
        right = std::fmax(right, e.right);
        height +=
            (down(slot) ? e.up + 0.5 * boxes_[static_cast<std::size_t>(slot.node)].height : e.up + e.down) + kRowGap;
      }
      x += left + (l > 0 ? column_gap_ : 0.0);
      double y = -0.5 * height;
      for (std::size_t s = 0; s < columns_[l].size(); ++s) {
        const Slot& slot = columns_[l][s];
        const Extent e = extent(slot.node);
        if (slot.node >= 0) {
          Box& box = boxes_[static_cast<std::size_t>(slot.node)];
          box.x = x;
          box.y = y + e.up;
          lowest = std::fmax(lowest, box.y + 0.5 * box.height);
        }
        y += e.up + e.down + kRowGap;
      }
      x += right;
    }
    set_indicators(lowest);
    set_covariates(x);
  }

  void set_indicators(double lowest) {
    for (std::size_t i = 0; i < n_; ++i) {
      const auto own = indicators(i);
      if (own.empty()) continue;
      const bool beside = side_[i] == Side::left || side_[i] == Side::right;
      double total = -kIndicatorGap, wide = 0.0;
      for (const std::size_t k : own) {
        total += (beside ? boxes_[k].height : boxes_[k].width) + kIndicatorGap;
        wide = std::fmax(wide, boxes_[k].width);
      }
      double at = (beside ? boxes_[i].y : boxes_[i].x) - 0.5 * total;
      const double out = 0.5 * boxes_[i].width + fan_gap_ + 0.5 * wide;
      // Rows below stand on one line, as low as the lowest of them asks.
      const auto& column = columns_[static_cast<std::size_t>(layer_[i])];
      const bool last = !column.empty() && column.back().node == static_cast<int>(i);
      const double row = (last ? lowest : boxes_[i].y + 0.5 * boxes_[i].height) + fan_gap_ + 4.0;
      for (const std::size_t k : own) {
        Box& box = boxes_[k];
        const double size = beside ? box.height : box.width;
        if (beside) {
          box.x = boxes_[i].x + (side_[i] == Side::left ? -out : out);
          box.y = at + 0.5 * size;
        } else {
          box.x = at + 0.5 * size;
          box.y = side_[i] == Side::down ? row : boxes_[i].y - 0.5 * boxes_[i].height - fan_gap_ - 4.0;
        }
        at += size + kIndicatorGap;
      }
    }
  }

  void set_covariates(double width) {
    std::vector<std::size_t> own;
    double low = 0.0, first = width;
    for (std::size_t i = 0; i < n_; ++i) {
      if (g_.nodes[i].covariate) {
        own.push_back(i);
        continue;
      }
      low = std::fmax(low, boxes_[i].y + 0.5 * boxes_[i].height);
      if (structural(i) && layer_[i] == 0) first = std::fmin(first, boxes_[i].x);
    }
    for (std::size_t k = 0; k < own.size(); ++k) {
      const double share = (static_cast<double>(k) + 0.75) / (static_cast<double>(own.size()) + 0.5);
      boxes_[own[k]].x = first + share * (width - first);
      boxes_[own[k]].y = low + 26.0;
    }
  }

  const PathGraph& g_;
  std::size_t n_;
  double column_gap_ = 0.0;  // room for a label between columns
  double fan_gap_ = 0.0;     // and between a factor and its indicators
  int layers_ = 1;
  std::vector<Box> boxes_;
  std::vector<int> layer_;
  std::vector<Side> side_;
  std::vector<std::vector<Slot>> columns_;
};

/// A small loop on one side of a node.
Curve residual_loop(const Box& box, Side side, Point& label_at) {
  constexpr double kHalf = 1.7, kOut = 6.5;
  const double sx = side == Side::left ? -1.0 : (side == Side::right ? 1.0 : 0.0);
  const double sy = side == Side::up ? -1.0 : (side == Side::down ? 1.0 : 0.0);
  const Point edge{box.x + 0.5 * sx * box.width, box.y + 0.5 * sy * box.height};
  const auto at = [&](double along, double out) {
    return Point{edge[0] + sx * out + sy * along, edge[1] + sy * out + sx * along};
  };
  const double inset = box.ellipse ? 0.15 : 0.0;
  label_at = at(0.0, 0.75 * kOut + (sx != 0.0 ? 4.2 : 2.2));
  return {at(-kHalf, -inset), at(-3.0 * kHalf, kOut), at(3.0 * kHalf, kOut), at(kHalf, -inset)};
}

}  // namespace

double words_mm(const std::string& words, double size_pt) {
  // Advance widths of the metric-compatible sans serif faces, ASCII from 32, in 1/1000 of the size.
  static constexpr std::array<int, 95> kWidths{
      278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333,  278, 278, 556, 556, 556,
      556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
      611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667,  611, 722, 667, 944, 667,
      667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278,  556, 556, 222, 222, 500,
      222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500,  500, 334, 260, 334, 584};
  int sum = 0;
  for (const char c : words)
    if ((c & 0xC0) != 0x80) sum += c >= 32 && c < 127 ? kWidths[static_cast<std::size_t>(c - 32)] : 600;
  return 0.001 * sum * size_pt * 25.4 / 72.0;
}

spec::Diagram lay_out(const PathGraph& graph) {
  spec::Diagram out;
  std::vector<Side> outward;
  const std::vector<Box> boxes = Places(graph).place(outward);
  for (std::size_t i = 0; i < boxes.size(); ++i)
    out.nodes.push_back({graph.nodes[i].label,
                         boxes[i].ellipse ? spec::Diagram::Node::Shape::ellipse : spec::Diagram::Node::Shape::rectangle,
                         boxes[i].x, boxes[i].y, boxes[i].width, boxes[i].height});
  Routes routes(boxes);
  // Loops first: nothing may cross them; straight short paths before long ones, curves last.
  std::vector<std::size_t> order;
  for (std::size_t e = 0; e < graph.edges.size(); ++e) order.push_back(e);
  const auto length = [&](std::size_t e) {
    const Box &a = boxes[static_cast<std::size_t>(graph.edges[e].from)],
              &b = boxes[static_cast<std::size_t>(graph.edges[e].to)];
    const auto kind = graph.edges[e].kind;
    const double group =
        kind == PathGraph::Edge::Kind::residual ? 0.0 : (kind == PathGraph::Edge::Kind::path ? 1e4 : 2e4);
    return group + std::hypot(a.x - b.x, a.y - b.y);
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return length(a) < length(b); });
  out.arrows.resize(graph.edges.size());
  for (const std::size_t e : order) {
    const PathGraph::Edge& edge = graph.edges[e];
    spec::Diagram::Arrow& arrow = out.arrows[e];
    arrow.label = edge.label;
    arrow.width_pt = edge.width_pt;
    arrow.muted = edge.muted;
    arrow.head_at_start = edge.kind != PathGraph::Edge::Kind::path;
    if (edge.kind == PathGraph::Edge::Kind::residual) {
      Point at{};
      const Curve loop =
          residual_loop(boxes[static_cast<std::size_t>(edge.to)], outward[static_cast<std::size_t>(edge.to)], at);
      routes.add_loop(loop, at, words_mm(edge.label, out.label_pt));
      arrow.points.assign(loop.begin(), loop.end());
      arrow.label_x = at[0];
      arrow.label_y = at[1];
      continue;
    }
    // Errors of indicators meet on the side that turns away from their factors.
    const Side side = outward[static_cast<std::size_t>(edge.from)];
    Point away{};
    if (graph.nodes[static_cast<std::size_t>(edge.from)].factor >= 0 &&
        side == outward[static_cast<std::size_t>(edge.to)])
      away = {side == Side::left ? -1.0 : (side == Side::right ? 1.0 : 0.0),
              side == Side::up ? -1.0 : (side == Side::down ? 1.0 : 0.0)};
    const Curve curve = routes.add(edge.from, edge.to, edge.kind == PathGraph::Edge::Kind::covariance, away);
    if (is_straight(curve))
      arrow.points = {curve.front(), curve.back()};
    else
      arrow.points.assign(curve.begin(), curve.end());
  }
  for (const std::size_t e : order) {
    if (graph.edges[e].kind == PathGraph::Edge::Kind::residual || graph.edges[e].label.empty()) continue;
    spec::Diagram::Arrow& arrow = out.arrows[e];
    const Point at = routes.label_place(arrow.points, words_mm(arrow.label, out.label_pt));
    arrow.label_x = at[0];
    arrow.label_y = at[1];
  }
  fit_page(out);
  return out;
}

}  // namespace ipsi::stats
