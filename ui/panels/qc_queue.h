// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <QListView>

#include "ui/viewmodels/qc_model.h"

namespace ipsi::ui {

/// The people of the queue, as the view-model has them.
class QcQueueModel : public QAbstractListModel {
  Q_OBJECT

 public:
  enum Role { kCount = Qt::UserRole, kDone, kNote, kRisk };
  using QAbstractListModel::QAbstractListModel;
  void setState(const QcModel::State& state);
  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

 private:
  std::vector<QcPerson> people_;
  int version_ = -1;
  bool reasons_ = true;  ///< what speaks against a region is not told before the flag to who wants it so
};

/// The queue: id and n / 12, the largest risk in words and as a number; the current one with a bar.
class QcQueue : public QListView {
  Q_OBJECT

 public:
  explicit QcQueue(QWidget* parent = nullptr);
  void setState(const QcModel::State& state);

 signals:
  void chosen(int index);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  QcQueueModel* people_;
  bool painting_ = false;  ///< the state is being shown: what moves is not the user's hand
};

}  // namespace ipsi::ui
