// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/coefficients.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

namespace ipsi::stats {

using Eigen::Index;

int Coefficients::find(std::string_view wanted) const {
  const auto it = std::find(name.begin(), name.end(), wanted);
  return it == name.end() ? -1 : static_cast<int>(it - name.begin());
}

double Vif::max() const {
  if (!defined()) return std::numeric_limits<double>::quiet_NaN();
  double out = 0.0;
  for (std::size_t t = 0; t < gvif.size(); ++t) out = std::max(out, std::pow(gvif[t], 1.0 / df[t]));
  return gvif.empty() ? column.maxCoeff() : out;
}

Vif vif(const Eigen::MatrixXd& vcov, const Columns& columns) {
  Vif out;
  const Index skip = columns.has_intercept() ? 1 : 0;
  const Index p = vcov.rows() - skip;
  if (p < 2) return out;
  const auto block = vcov.bottomRightCorner(p, p);
  const Eigen::VectorXd scale = block.diagonal().cwiseSqrt().cwiseInverse();
  const Eigen::MatrixXd corr = scale.asDiagonal() * block * scale.asDiagonal();
  const Eigen::MatrixXd inverse = corr.llt().solve(Eigen::MatrixXd::Identity(p, p));
  out.column = inverse.diagonal();
  out.column_names.assign(columns.names.begin() + skip, columns.names.end());
  if (columns.terms.size() < 2) return out;
  out.terms = columns.terms;
  // Columns of a term stand side by side. det(R_rest) / det(R) is the term's block of the inverse (Jacobi).
  for (Index at = 0; at < p;) {
    Index width = 1;
    while (at + width < p && columns.term[skip + at + width] == columns.term[skip + at]) ++width;
    const double gvif =
        width == 1 ? inverse(at, at)
                   : corr.block(at, at, width, width).determinant() * inverse.block(at, at, width, width).determinant();
    out.gvif.push_back(gvif);
    out.df.push_back(static_cast<int>(width));
    out.gvif_adj.push_back(std::pow(gvif, 0.5 / static_cast<double>(width)));
    at += width;
  }
  return out;
}

Json to_json(const Vif& vif) {
  if (!vif.defined()) return nullptr;
  Json terms = nullptr;
  if (!vif.gvif.empty())
    terms = Json{{"term", vif.terms}, {"gvif", numbers(vif.gvif)}, {"df", vif.df}, {"gvif_adj", numbers(vif.gvif_adj)}};
  return Json{{"terms", terms}, {"columns", {{"name", vif.column_names}, {"vif", numbers(vif.column)}}}};
}

Json matrix_json(const Eigen::MatrixXd& m) {
  Json out = Json::array();
  for (Index i = 0; i < m.rows(); ++i) {
    Json row = Json::array();
    for (Index j = 0; j < m.cols(); ++j) row.push_back(number(m(i, j)));
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace ipsi::stats
