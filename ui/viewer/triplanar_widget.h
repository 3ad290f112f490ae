// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QPointF>
#include <QString>
#include <QStringList>
#include <QWidget>
#include <array>
#include <memory>

#include "core/render/planes.h"
#include "core/render/scan.h"

namespace ipsi::ui {

class PlaneWidget;
class SliceStrip;

/// Three linked planes of one scan.
///
/// Wheel steps through slices (Shift: five), drag moves the crosshair, right drag window and level, middle drag pans,
/// Ctrl+wheel zooms, double click makes a plane the large one. Keys the viewer does not use go on to its parent.
/// Everything that is seen is kept when another scan comes.
class TriplanarWidget : public QWidget {
  Q_OBJECT

 public:
  enum class Arrangement {
    one_large,  ///< a large plane at the left, two small ones at the right, each with its strip
    grid,       ///< axial and coronal above sagittal and the corner widget; no strips
  };

  explicit TriplanarWidget(QWidget* parent = nullptr);
  ~TriplanarWidget() override;

  // -- what is shown ---------------------------------------------------------------------------------------------
  /// Null shows a grey tile with `message`, e.g. "sub-012: T1.mgz is missing. N skips."
  void setScan(std::shared_ptr<const render::Scan> scan, const QString& message = {});
  [[nodiscard]] std::shared_ptr<const render::Scan> scan() const { return scan_; }
  void setCortex(std::shared_ptr<const render::Cortex> cortex);
  /// A line where the readout is, over the old picture: "waiting for the disk". Empty: none.
  void setNotice(const QString& notice);
  /// The current region, index in kRegions, -1 for none. Does not move the crosshair: see focusRegion.
  void setRegion(int region);
  [[nodiscard]] int region() const { return region_; }
  /// Crosshair to the region's centre of mass; zoom so that the box of the pair and 12 mm around fit.
  void focusRegion(int region);
  /// The whole field of view, crosshair in the middle of the regions.
  void fitHead();

  // -- how it is shown -------------------------------------------------------------------------------------------
  [[nodiscard]] const render::PlaneLook& look() const { return look_; }
  void setLook(const render::PlaneLook& look);
  void setArrangement(Arrangement arrangement);
  void setStripsShown(bool shown);
  void setCorner(QWidget* corner);                  ///< for `grid`; owned by the viewer from now on
  [[nodiscard]] render::GreyWindow window() const;  ///< in use

 public slots:
  void cycleOverlay();                 ///< fill, outline, off (F)
  void setOverlayHidden(bool hidden);  ///< all overlays, while a key is held (Q)
  void toggleLesion();                 ///< T
  void toggleConvention();
  void toggleSurfaces();
  void toggleInterpolation();
  void stepSlice(int slices);  ///< of the large plane (W, E; Shift 5)
  void recentre();             ///< to the current region, else the head; zoom as at first (R)
  void zoomBy(double factor);
  void resetWindow();
  void setCrosshair(const Eigen::Vector3d& world_mm);
  void setLarge(ipsi::render::Plane plane);
  void copyView();  ///< to the clipboard, as seen

 public:
  [[nodiscard]] Eigen::Vector3d crosshair() const { return crosshair_; }
  [[nodiscard]] render::Plane large() const { return large_; }
  [[nodiscard]] double zoom() const { return zoom_; }
  [[nodiscard]] QImage viewImage() const;                ///< at device pixels
  bool saveView(const QString& path, QString* problem);  ///< PNG
  /// The view of a plane as it is painted now; its pixels are the device's.
  [[nodiscard]] render::PlaneView viewOf(render::Plane plane) const;
  [[nodiscard]] PlaneWidget* plane(render::Plane plane) const;
  /// Milliseconds the planes took at the last change, for diagnostics.
  [[nodiscard]] double lastDrawMs() const { return draw_ms_; }

 signals:
  void crosshairMoved();
  void lookChanged();                        ///< by the user's hand, e.g. right drag
  void readoutChanged(const QString& text);  ///< under the pointer; empty outside
  void regionClicked(int region);            ///< a click (no drag) on a region
  void largeChanged();

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  friend class PlaneWidget;
  friend class SliceStrip;
  void arrange();
  void refresh();
  void moveAcross(render::Plane plane, int slices);
  void dragWindow(const QPointF& step);
  void pan(render::Plane plane, const QPointF& step);
  void zoomAt(render::Plane plane, const QPointF& position, double factor);
  void enlarge(render::Plane plane);  ///< what a double click does
  void fitTo(const Eigen::Vector3d& low_mm, const Eigen::Vector3d& high_mm);
  void setLookByHand(const render::PlaneLook& look);
  [[nodiscard]] QStringList readoutLines(const Eigen::Vector3d& world_mm) const;

  std::shared_ptr<const render::Scan> scan_;
  std::shared_ptr<const render::Cortex> cortex_;
  render::PlaneLook look_;
  Eigen::Vector3d crosshair_{0, 0, 0}, view_centre_{0, 0, 0};
  Eigen::Vector3d fit_low_{-90, -110, -70}, fit_high_{90, 80, 90};  ///< box that fits at zoom 1, RAS mm
  double zoom_ = 1.0;
  int region_ = -1;
  bool hidden_ = false, strips_shown_ = true;
  bool placed_ = false;    ///< a crosshair was chosen for some scan
  bool expanded_ = false;  ///< one plane of the grid made large for now
  double draw_ms_ = 0.0;
  QString message_, notice_;
  Arrangement arrangement_ = Arrangement::one_large;
  render::Plane large_ = render::Plane::axial;
  std::array<PlaneWidget*, 3> planes_{};
  std::array<SliceStrip*, 3> strips_{};
  QWidget* corner_ = nullptr;
};

}  // namespace ipsi::ui
