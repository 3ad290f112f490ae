// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/scene.h"

#include <vtkActor.h>
#include <vtkCamera.h>
#include <vtkCellArray.h>
#include <vtkCommand.h>
#include <vtkFloatArray.h>
#include <vtkGenericOpenGLRenderWindow.h>
#include <vtkLight.h>
#include <vtkNew.h>
#include <vtkObjectFactory.h>
#include <vtkPlane.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkPolyDataMapper.h>
#include <vtkProperty.h>
#include <vtkRenderer.h>
#include <vtkUnsignedCharArray.h>
#include <vtkVersion.h>

#include <array>
#include <cmath>
#include <limits>
#include <mutex>
#include <utility>

#include "core/render/offscreen.h"

namespace ipsi::render {
namespace {

/// Debian's GLEW is the GLX build: without GLX it says "could not be initialized" though all functions are loaded.
class QuietWindow : public vtkGenericOpenGLRenderWindow {
 public:
  static QuietWindow* New();
  vtkTypeMacro(QuietWindow, vtkGenericOpenGLRenderWindow);
  void OpenGLInitContext() override {
    if (this->Initialized) return;
    const int warnings = vtkObject::GetGlobalWarningDisplay();
    vtkObject::SetGlobalWarningDisplay(0);
    Superclass::OpenGLInitContext();
    vtkObject::SetGlobalWarningDisplay(warnings);
    this->Initialized = true;
    this->GlewInitValid = true;
  }

 protected:
  QuietWindow() = default;
};
vtkStandardNewMacro(QuietWindow);

/// Answers VTK's questions about the context it does not own.
class ContextAnswers : public vtkCommand {
 public:
  static ContextAnswers* New() { return new ContextAnswers; }
  Offscreen* context = nullptr;
  void Execute(vtkObject*, unsigned long event, void* data) override {
    if (event == vtkCommand::WindowIsCurrentEvent && data != nullptr) *static_cast<bool*>(data) = context->current();
    if (event == vtkCommand::WindowMakeCurrentEvent) static_cast<void>(context->make_current());
  }
};

// Light of the house (design README, "3D"). One pass carries three numbers a pixel: red the diffuse light, green the
// highlight, blue the region. Red is scaled so that full light plus fill does not saturate.
constexpr double kAmbient = 0.38, kDiffuse = 0.66, kSpecular = 0.12, kFill = 0.28;
constexpr double kRed = Surfaces::kFullLight / 255.0;
constexpr int kInside = 64;          // added to the region where its inside is seen: the face of a cut
constexpr double kFarAway = 1000.0;  // from the eye to the frame's centre

vtkSmartPointer<vtkPolyData> to_polydata(const Mesh& mesh) {
  auto data = vtkSmartPointer<vtkPolyData>::New();
  vtkNew<vtkFloatArray> coordinates, normals;
  vtkNew<vtkPoints> points;
  vtkNew<vtkCellArray> cells;
  const auto fill = [](vtkFloatArray& out, const std::vector<Eigen::Vector3f>& from) {
    out.SetNumberOfComponents(3);
    out.SetNumberOfTuples(static_cast<vtkIdType>(from.size()));
    for (std::size_t i = 0; i < from.size(); ++i) out.SetTypedTuple(static_cast<vtkIdType>(i), from[i].data());
  };
  fill(*coordinates, mesh.points);
  fill(*normals, mesh.normals);
  points->SetData(coordinates);
  for (const auto& t : mesh.triangles) {
    const std::array<vtkIdType, 3> ids{t[0], t[1], t[2]};
    cells->InsertNextCell(3, ids.data());
  }
  data->SetPoints(points);
  data->SetPolys(cells);
  data->GetPointData()->SetNormals(normals);
  return data;
}

vtkSmartPointer<vtkActor> make_actor(const Mesh& mesh) {
  vtkNew<vtkPolyDataMapper> mapper;
  mapper->SetInputData(to_polydata(mesh));
  mapper->ScalarVisibilityOff();
  auto actor = vtkSmartPointer<vtkActor>::New();
  actor->SetMapper(mapper);
  return actor;
}

vtkSmartPointer<vtkLight> camera_light(double x, double y, double z, double intensity) {
  auto light = vtkSmartPointer<vtkLight>::New();
  light->SetLightTypeToCameraLight();
  light->PositionalOff();
  light->SetPosition(x, y, z);
  light->SetFocalPoint(0, 0, 0);
  light->SetIntensity(intensity);
  return light;
}

}  // namespace

struct Scene::Vtk {
  std::mutex mutex;
  std::shared_ptr<const HeadModel> model;
  std::unique_ptr<Offscreen> context;
  vtkNew<ContextAnswers> answers;
  vtkNew<QuietWindow> window;
  vtkNew<vtkRenderer> regions_view, brain_view;  // two scenes: the brain is a layer of its own
  std::array<vtkSmartPointer<vtkActor>, kRegions.size()> regions;
  vtkSmartPointer<vtkActor> brain;

  vtkNew<vtkPlane> cut;
  std::optional<Clip> clip;

  void build();
  void set_clip(const std::optional<Clip>& wanted, const Camera& camera);
  void cap_cuts(Surfaces& surfaces, const Camera& camera, const Frame& frame) const;
  Result<void> frame(vtkRenderer* view, const Camera& camera, const Frame& frame, int width, int height);
  void read_regions(Surfaces& out);
  void read_brain(Surfaces& out);

  ~Vtk() {
    if (!context || !context->make_current()) return;
    window->Finalize();
    window->SetReadyForRendering(false);
    window->RemoveRenderer(regions_view);
    window->RemoveRenderer(brain_view);
  }
};

void Scene::Vtk::build() {
  for (std::size_t r = 0; r < regions.size(); ++r) {
    if (model->regions[r].empty()) continue;
    regions[r] = make_actor(model->regions[r]);
    vtkProperty* look = regions[r]->GetProperty();
    look->SetAmbient(1.0);
    look->SetDiffuse(1.0);
    look->SetSpecular(1.0);
    look->SetSpecularPower(24.0);
    look->SetAmbientColor(kAmbient * kRed, 0.0, static_cast<double>(r + 1) / 255.0);
    look->SetDiffuseColor(kDiffuse * kRed, 0.0, 0.0);
    look->SetSpecularColor(0.0, kSpecular, 0.0);
    regions_view->AddActor(regions[r]);
  }
  regions_view->SetBackground(0, 0, 0);
  regions_view->AutomaticLightCreationOff();
  regions_view->AddLight(camera_light(0.55, 0.75, 1.0, 1.0));    // upper right
  regions_view->AddLight(camera_light(-1.0, 0.1, 0.55, kFill));  // weak fill from the left
  if (!model->brain.empty()) {
    brain = make_actor(model->brain);
    vtkProperty* look = brain->GetProperty();
    look->SetAmbient(1.0);
    look->SetDiffuse(1.0);
    look->SetSpecular(0.0);
    look->SetAmbientColor(0.0, 0.0, 1.0);  // blue: there is brain here
    look->SetDiffuseColor(1.0, 0.0, 0.0);  // red: how squarely it faces the viewer
    brain_view->AddActor(brain);
  }
  brain_view->SetBackground(0, 0, 0);
  brain_view->AutomaticLightCreationOff();
  brain_view->AddLight(camera_light(0.0, 0.0, 1.0, 1.0));
}

void Scene::Vtk::set_clip(const std::optional<Clip>& wanted, const Camera& camera) {
  const auto each = [this](const auto& act) {
    for (std::size_t r = 0; r < regions.size(); ++r)
      if (regions[r]) act(*regions[r], static_cast<int>(r) + 1);
    if (brain) act(*brain, 0);
  };
  if (wanted.has_value() != clip.has_value())
    each([&](vtkActor& actor, int id) {
      if (!wanted) {
        actor.GetMapper()->RemoveAllClippingPlanes();
        actor.SetBackfaceProperty(nullptr);
        return;
      }
      actor.GetMapper()->AddClippingPlane(cut);
      if (id == 0) return;
      vtkNew<vtkProperty> inside;
      inside->SetAmbient(1.0);
      inside->SetDiffuse(0.0);
      inside->SetSpecular(0.0);
      inside->SetAmbientColor(kRed, 0.0, static_cast<double>(id + kInside) / 255.0);
      actor.SetBackfaceProperty(inside);
    });
  clip = wanted;
  if (!clip) return;
  std::array<double, 3> origin{}, normal{};
  const auto axis = static_cast<std::size_t>(clip->axis);
  origin[axis] = clip->at_mm;
  normal[axis] = camera.from[clip->axis] > 0 ? -1.0 : 1.0;  // VTK keeps the side that the normal points to
  cut->SetOrigin(origin.data());
  cut->SetNormal(normal.data());
}

/// Where a region's inside is seen, what one sees is the plane of the cut.
void Scene::Vtk::cap_cuts(Surfaces& s, const Camera& camera, const Frame& where) const {
  const double slope = clip ? camera.from[clip->axis] : 0.0;
  const Eigen::Vector3d right = s.mm_per_pixel * camera.right(), down = -s.mm_per_pixel * camera.up;
  const Eigen::Vector3d corner = where.centre + 0.5 * (1 - s.width) * right + 0.5 * (1 - s.height) * down;
  std::size_t i = 0;
  for (int y = 0; y < s.height; ++y)
    for (int x = 0; x < s.width; ++x, ++i) {
      if (s.region[i] <= kInside) continue;
      s.region[i] = static_cast<std::uint8_t>(s.region[i] - kInside);
      if (std::abs(slope) < 1e-6) continue;
      const double on_frame = corner[clip->axis] + x * right[clip->axis] + y * down[clip->axis];
      s.depth[i] = static_cast<float>(kFarAway - (clip->at_mm - on_frame) / slope);
    }
}

Result<void> Scene::Vtk::frame(vtkRenderer* view, const Camera& camera, const Frame& where, int width, int height) {
  if (auto made = context->make_current(); !made) return made;
  window->RemoveRenderer(regions_view);
  window->RemoveRenderer(brain_view);
  window->AddRenderer(view);
  window->SetSize(width, height);
  vtkCamera* eye = view->GetActiveCamera();
  const Eigen::Vector3d position = where.centre + kFarAway * camera.from;
  eye->ParallelProjectionOn();
  eye->SetParallelScale(0.5 * where.height_mm);
  eye->SetFocalPoint(where.centre.x(), where.centre.y(), where.centre.z());
  eye->SetPosition(position.x(), position.y(), position.z());
  eye->SetViewUp(camera.up.x(), camera.up.y(), camera.up.z());
  view->ResetCameraClippingRange();
  window->Render();
  return {};
}

void Scene::Vtk::read_regions(Surfaces& out) {
  vtkNew<vtkUnsignedCharArray> pixels;
  vtkNew<vtkFloatArray> depths;
  window->GetRGBACharPixelData(0, 0, out.width - 1, out.height - 1, 1, pixels);
  window->GetZbufferData(0, 0, out.width - 1, out.height - 1, depths);
  std::array<double, 2> range{};
  regions_view->GetActiveCamera()->GetClippingRange(range.data());
  const auto width = static_cast<std::size_t>(out.width), height = static_cast<std::size_t>(out.height);
  out.region.resize(out.pixels());
  out.diffuse.resize(out.pixels());
  out.specular.resize(out.pixels());
  out.depth.resize(out.pixels());
  const unsigned char* rgba = pixels->GetPointer(0);
  const float* z = depths->GetPointer(0);
  for (std::size_t row = 0; row < height; ++row)
    for (std::size_t column = 0; column < width; ++column) {
      const std::size_t from = (height - 1 - row) * width + column, to = row * width + column;
      const unsigned char id = rgba[4 * from + 2];
      const int region = id > kInside ? id - kInside : id;
      out.region[to] = region <= static_cast<int>(kRegions.size()) ? id : 0;
      out.diffuse[to] = rgba[4 * from];
      out.specular[to] = rgba[4 * from + 1];
      out.depth[to] = out.region[to] != 0 ? static_cast<float>(range[0] + z[from] * (range[1] - range[0]))
                                          : std::numeric_limits<float>::infinity();
    }
}

void Scene::Vtk::read_brain(Surfaces& out) {
  vtkNew<vtkUnsignedCharArray> pixels;
  window->GetRGBACharPixelData(0, 0, out.width - 1, out.height - 1, 1, pixels);
  const auto width = static_cast<std::size_t>(out.width), height = static_cast<std::size_t>(out.height);
  const unsigned char* rgba = pixels->GetPointer(0);
  for (std::size_t row = 0; row < height; ++row)
    for (std::size_t column = 0; column < width; ++column) {
      const unsigned char* pixel = rgba + 4 * ((height - 1 - row) * width + column);
      if (pixel[2] > 127) out.brain[row * width + column] = static_cast<std::uint8_t>(1 + pixel[0] * 254 / 255);
    }
}

Scene::Scene(std::unique_ptr<Vtk> vtk) : vtk_(std::move(vtk)) {}
Scene::~Scene() = default;

Result<std::unique_ptr<Scene>> Scene::open(std::shared_ptr<const HeadModel> model) {
  auto vtk = std::make_unique<Vtk>();
  auto context = Offscreen::create();
  if (!context) return tl::unexpected(context.error());
  vtk->context = std::move(*context);
  vtk->model = std::move(model);
  if (auto made = vtk->context->make_current(); !made) return tl::unexpected(made.error());
  vtk->answers->context = vtk->context.get();
  auto& window = vtk->window;
  window->SetOwnContext(0);
  window->SetFrameBlitModeToNoBlit();
  window->SetMultiSamples(0);
  window->AddObserver(vtkCommand::WindowIsCurrentEvent, vtk->answers);
  window->AddObserver(vtkCommand::WindowMakeCurrentEvent, vtk->answers);
  window->SetReadyForRendering(true);
  window->OpenGLInitContext();
  vtk->build();
  vtk->context->release();
  return std::unique_ptr<Scene>(new Scene(std::move(vtk)));
}

Result<Surfaces> Scene::render(const Camera& camera, const Frame& frame, int width, int height, const Shown& shown) {
  constexpr int kLargest = 16384;  // the least OpenGL 4 promises for a texture; llvmpipe allows no more
  if (width < 1 || height < 1 || width > kLargest || height > kLargest)
    return fail(Code::InvalidInput, fmt::format("a 3D picture of {} x {} pixels cannot be drawn", width, height), "",
                fmt::format("choose a size in mm and dpi that gives 1 to {} pixels a side", kLargest));
  const std::lock_guard lock(vtk_->mutex);
  Surfaces out;
  out.width = width;
  out.height = height;
  out.mm_per_pixel = frame.height_mm / height;
  for (std::size_t r = 0; r < vtk_->regions.size(); ++r)
    if (vtk_->regions[r]) vtk_->regions[r]->SetVisibility(shown.regions[r] ? 1 : 0);
  vtk_->set_clip(shown.clip, camera);
  if (auto drawn = vtk_->frame(vtk_->regions_view, camera, frame, width, height); !drawn)
    return tl::unexpected(drawn.error());
  vtk_->read_regions(out);
  if (shown.clip) vtk_->cap_cuts(out, camera, frame);
  out.brain.assign(out.pixels(), 0);
  if (shown.brain && vtk_->brain) {
    if (auto drawn = vtk_->frame(vtk_->brain_view, camera, frame, width, height); !drawn)
      return tl::unexpected(drawn.error());
    vtk_->read_brain(out);
  }
  vtk_->context->release();
  return out;
}

const HeadModel& Scene::model() const {
  return *vtk_->model;
}

std::string vtk_version() {
  return vtkVersion::GetVTKVersion();
}

}  // namespace ipsi::render
