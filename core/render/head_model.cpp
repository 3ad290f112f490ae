// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/head_model.h"

#include <vtkCellArray.h>
#include <vtkDiscreteFlyingEdges3D.h>
#include <vtkFloatArray.h>
#include <vtkFlyingEdges3D.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPolyData.h>
#include <vtkPolyDataConnectivityFilter.h>
#include <vtkPolyDataNormals.h>
#include <vtkQuadricDecimation.h>
#include <vtkSmartPointer.h>
#include <vtkWindowedSincPolyDataFilter.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "core/base/files.h"

namespace ipsi::render {
namespace {

/// A box of voxels as a VTK image in voxel coordinates of the whole grid.
template <class Fill>
vtkSmartPointer<vtkImageData> make_image(const std::array<int, 3>& low, const std::array<int, 3>& high, int scalar_type,
                                         const Fill& fill) {
  auto image = vtkSmartPointer<vtkImageData>::New();
  image->SetExtent(low[0], high[0], low[1], high[1], low[2], high[2]);
  image->AllocateScalars(scalar_type, 1);
  fill(*image);
  return image;
}

/// Voxel coordinates (times `step`) to world millimetres, in place.
void to_world(vtkPolyData& mesh, const image::Grid& grid, double step) {
  vtkPoints* points = mesh.GetPoints();
  for (vtkIdType i = 0; i < points->GetNumberOfPoints(); ++i) {
    std::array<double, 3> at{};
    points->GetPoint(i, at.data());
    // A coarse voxel covers `step` fine ones, so its centre lies half a step on.
    const Eigen::Vector3d voxel =
        Eigen::Vector3d(at[0], at[1], at[2]) * step + Eigen::Vector3d::Constant(0.5 * (step - 1.0));
    const Eigen::Vector3d world = grid.to_world(voxel);
    points->SetPoint(i, world.data());
  }
  points->Modified();
}

vtkSmartPointer<vtkPolyData> smoothed(vtkPolyData* mesh, int iterations, double pass_band) {
  vtkNew<vtkWindowedSincPolyDataFilter> sinc;
  sinc->SetInputData(mesh);
  sinc->SetNumberOfIterations(iterations);
  sinc->SetPassBand(pass_band);
  sinc->BoundarySmoothingOff();
  sinc->FeatureEdgeSmoothingOff();
  sinc->NonManifoldSmoothingOn();
  sinc->NormalizeCoordinatesOn();
  sinc->Update();
  return sinc->GetOutput();
}

vtkSmartPointer<vtkPolyData> decimated(vtkPolyData* mesh, double keep) {
  if (keep >= 1.0) return mesh;
  vtkNew<vtkQuadricDecimation> decimate;
  decimate->SetInputData(mesh);
  decimate->SetTargetReduction(1.0 - keep);
  decimate->VolumePreservationOn();
  decimate->Update();
  return decimate->GetOutput();
}

Mesh to_mesh(vtkPolyData* input) {
  Mesh mesh;
  if (input->GetNumberOfPolys() == 0) return mesh;
  vtkNew<vtkPolyDataNormals> normals;
  normals->SetInputData(input);
  normals->SplittingOff();
  normals->ConsistencyOn();
  normals->AutoOrientNormalsOn();
  normals->Update();
  vtkPolyData* output = normals->GetOutput();
  vtkDataArray* directions = output->GetPointData()->GetNormals();
  const auto count = static_cast<std::size_t>(output->GetNumberOfPoints());
  mesh.points.resize(count);
  mesh.normals.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::array<double, 3> at{};
    output->GetPoint(static_cast<vtkIdType>(i), at.data());
    mesh.points[i] = Eigen::Vector3d(at[0], at[1], at[2]).cast<float>();
    directions->GetTuple(static_cast<vtkIdType>(i), at.data());
    mesh.normals[i] = Eigen::Vector3d(at[0], at[1], at[2]).cast<float>();
  }
  vtkCellArray* cells = output->GetPolys();
  mesh.triangles.reserve(static_cast<std::size_t>(cells->GetNumberOfCells()));
  vtkIdType size = 0;
  const vtkIdType* ids = nullptr;
  for (cells->InitTraversal(); cells->GetNextCell(size, ids) != 0;)
    if (size == 3)
      mesh.triangles.push_back(
          {static_cast<std::int32_t>(ids[0]), static_cast<std::int32_t>(ids[1]), static_cast<std::int32_t>(ids[2])});
  return mesh;
}

vtkSmartPointer<vtkPolyData> to_polydata(const Mesh& mesh) {
  auto data = vtkSmartPointer<vtkPolyData>::New();
  vtkNew<vtkPoints> points;
  vtkNew<vtkCellArray> cells;
  for (const Eigen::Vector3f& p : mesh.points) points->InsertNextPoint(p.x(), p.y(), p.z());
  for (const auto& t : mesh.triangles) {
    const std::array<vtkIdType, 3> ids{t[0], t[1], t[2]};
    cells->InsertNextCell(3, ids.data());
  }
  data->SetPoints(points);
  data->SetPolys(cells);
  return data;
}

struct Box {
  std::array<int, 3> low, high;
  bool empty = true;
};

Box box_of(const image::Labels& labels, int label) {
  Box box{labels.grid.size, {-1, -1, -1}, true};
  std::size_t at = 0;
  for (int k = 0; k < labels.grid.size[2]; ++k)
    for (int j = 0; j < labels.grid.size[1]; ++j)
      for (int i = 0; i < labels.grid.size[0]; ++i, ++at) {
        if (labels.values[at] != label) continue;
        box.empty = false;
        box.low = {std::min(box.low[0], i), std::min(box.low[1], j), std::min(box.low[2], k)};
        box.high = {std::max(box.high[0], i), std::max(box.high[1], j), std::max(box.high[2], k)};
      }
  return box;
}

/// Between fluid and grey matter: half the brightness of the brightest tissue that is not an outlier.
float tissue_threshold(const image::Volume& brain) {
  std::vector<float> inside;
  for (std::size_t i = 0; i < brain.values.size(); i += 7)
    if (brain.values[i] > 0.0F) inside.push_back(brain.values[i]);
  if (inside.empty()) return 0.0F;
  const auto bright = inside.begin() + static_cast<std::ptrdiff_t>(inside.size() * 9 / 10);
  std::nth_element(inside.begin(), bright, inside.end());
  return 0.5F * *bright;
}

std::string model_key(const brain::Template& head) {
  const auto bytes = [](const auto& values) {
    return std::string_view(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
  };
  const std::string affine(reinterpret_cast<const char*>(head.regions.grid.affine.data()), 16 * sizeof(double));
  return content_hash(content_hash(bytes(head.regions.values)) + content_hash(bytes(head.brain.values)) + affine);
}

}  // namespace

double Mesh::volume_mm3() const {
  double six = 0.0;
  for (const auto& t : triangles) {
    const Eigen::Vector3d a = points[static_cast<std::size_t>(t[0])].cast<double>();
    const Eigen::Vector3d b = points[static_cast<std::size_t>(t[1])].cast<double>();
    const Eigen::Vector3d c = points[static_cast<std::size_t>(t[2])].cast<double>();
    six += a.dot(b.cross(c));
  }
  return six / 6.0;
}

Mesh surface_of(const image::Labels& labels, int label, const SurfaceOptions& options) {
  const Box box = box_of(labels, label);
  if (box.empty) return {};
  constexpr int kPad = 1;  // a rim of zeros closes the surface where a label touches the edge of the grid
  std::array<int, 3> low = box.low, high = box.high;
  for (std::size_t a = 0; a < 3; ++a) low[a] -= kPad, high[a] += kPad;
  const auto image = make_image(low, high, VTK_UNSIGNED_CHAR, [&](vtkImageData& out) {
    auto* voxel = static_cast<unsigned char*>(out.GetScalarPointer());
    for (int k = low[2]; k <= high[2]; ++k)
      for (int j = low[1]; j <= high[1]; ++j)
        for (int i = low[0]; i <= high[0]; ++i)
          *voxel++ = labels.grid.inside(i, j, k) && labels.at(i, j, k) == label ? 1 : 0;
  });
  vtkNew<vtkDiscreteFlyingEdges3D> edges;
  edges->SetInputData(image);
  edges->SetValue(0, 1);
  edges->ComputeGradientsOff();
  edges->ComputeNormalsOff();
  edges->Update();
  vtkPolyData* raw = edges->GetOutput();
  to_world(*raw, labels.grid, 1.0);
  const auto smooth = smoothed(raw, options.smoothing_iterations, options.pass_band);
  return to_mesh(decimated(smooth, options.keep));
}

Mesh brain_surface(const image::Volume& brain) {
  constexpr int kStep = 2;
  if (brain.values.empty()) return {};
  const float threshold = tissue_threshold(brain);
  if (threshold <= 0.0F) return {};
  const auto& size = brain.grid.size;
  const std::array<int, 3> low{-1, -1, -1}, high{size[0] / kStep, size[1] / kStep, size[2] / kStep};
  const auto image = make_image(low, high, VTK_FLOAT, [&](vtkImageData& out) {
    auto* voxel = static_cast<float*>(out.GetScalarPointer());
    for (int k = low[2]; k <= high[2]; ++k)
      for (int j = low[1]; j <= high[1]; ++j)
        for (int i = low[0]; i <= high[0]; ++i) {
          float sum = 0.0F;
          for (int n = 0; n < kStep * kStep * kStep; ++n) {
            const int x = kStep * i + n % 2, y = kStep * j + n / 2 % 2, z = kStep * k + n / 4;
            if (brain.grid.inside(x, y, z)) sum += std::min(brain.at(x, y, z) / threshold, 2.0F);
          }
          *voxel++ = sum / (kStep * kStep * kStep);
        }
  });
  vtkNew<vtkFlyingEdges3D> edges;
  edges->SetInputData(image);
  edges->SetValue(0, 1.0);
  edges->ComputeGradientsOff();
  edges->ComputeNormalsOff();
  vtkNew<vtkPolyDataConnectivityFilter> largest;
  largest->SetInputConnection(edges->GetOutputPort());
  largest->SetExtractionModeToLargestRegion();
  largest->Update();
  vtkPolyData* raw = largest->GetOutput();
  to_world(*raw, brain.grid, kStep);
  return to_mesh(smoothed(raw, 25, 0.12));
}

HeadModel simplified(const HeadModel& model, double keep) {
  HeadModel out{model.name, model.key, {}, {}};
  const auto fewer = [keep](const Mesh& mesh) {
    return mesh.empty() ? Mesh{} : to_mesh(decimated(to_polydata(mesh), keep));
  };
  for (std::size_t r = 0; r < out.regions.size(); ++r) out.regions[r] = fewer(model.regions[r]);
  out.brain = fewer(model.brain);
  return out;
}

Result<std::shared_ptr<const HeadModel>> head_model(const brain::Template& head, const Task& task) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const HeadModel>> made;
  const std::string key = model_key(head);
  const std::lock_guard lock(mutex);
  if (const auto it = made.find(key); it != made.end()) return it->second;
  auto model = std::make_shared<HeadModel>();
  model->name = head.name;
  model->key = key;
  bool any = false;
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
    task.progress(static_cast<double>(r) / (kRegions.size() + 4.0), "surfaces");
    model->regions[r] = surface_of(head.regions, kRegions[r].label);
    any = any || !model->regions[r].empty();
  }
  if (!any)
    return fail(Code::InvalidInput, "the atlas has none of the twelve regions", head.name,
                "give a label volume with FreeSurfer labels (10 thalamus left, 49 right, ...)");
  model->brain = brain_surface(head.brain);
  task.progress(1.0, "surfaces");
  made[key] = model;
  return std::shared_ptr<const HeadModel>(model);
}

}  // namespace ipsi::render
