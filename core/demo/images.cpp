// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/images.h"

#include <fmt/format.h>

#include <Eigen/Geometry>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <optional>
#include <thread>
#include <utility>

#include "core/base/files.h"
#include "core/brain/field.h"
#include "core/demo/deep_grey.h"
#include "core/demo/faults.h"
#include "core/demo/lesion.h"
#include "core/demo/random.h"
#include "core/demo/smooth_noise.h"
#include "core/demo/subject_folder.h"
#include "core/demo/warp.h"
#include "core/image/io.h"

namespace ipsi::demo {
namespace fs = std::filesystem;
namespace {

constexpr int kSize = 256;  // FreeSurfer's conformed volume: 256^3 of 1 mm, LIA

/// Intracranial volume of a head in MNI space.
/// @source Buckner et al. (2004), NeuroImage 23, 724-738, as FreeSurfer's eTIV uses it: 1948106 mm^3
constexpr double kTemplateIcvMm3 = 1948106.0;

/// Intensities: Colin27's white matter, and where FreeSurfer's T1.mgz puts it.
constexpr float kTemplateWhite = 114.0F;
constexpr float kNormalWhite = 110.0F;
constexpr float kCavity = 34.0F;  ///< an old infarct: nearly CSF

/// Streams of random numbers, one per purpose.
enum Purpose : std::uint64_t { pose_stream = 1, coarse_warp, fine_warp, shading, lesion_stream, cavity, fault, noise };

/// Random smooth displacement that is one-to-one, in template mm.
constexpr double kCoarseMm = 55.0;
constexpr double kFineMm = 26.0;
constexpr float kCoarseSdMm = 3.0F;
constexpr float kFineSdMm = 0.9F;
constexpr double kLeastJacobian = 0.35;

/// One person's head while it is made.
struct Head {
  image::Grid grid;  ///< conformed
  Pose pose;
  Warp warp;
  std::vector<std::int32_t> aseg;
  std::vector<float> tissue;  ///< noiseless intensities, white matter at 110
  std::vector<float> shade;   ///< the scanner's gain
  Lesion lesion;
  brain::Field lesion_depth;        ///< in a box round the lesion: distance into it, 0 outside
  std::array<int, 3> lesion_low{};  ///< corner of that box
};

Result<void> check(const ImagePerson& p, const RegionDistances& distances, double scale3) {
  if (p.id.empty() || p.id == "." || p.id == ".." || p.id.find('/') != std::string::npos)
    return fail(Code::InvalidInput, fmt::format("\"{}\" cannot be the name of a subject folder", p.id));
  if (!(p.icv_mm3 >= 0.8e6 && p.icv_mm3 <= 2.2e6))
    return fail(Code::InvalidInput, fmt::format("an ICV of {:.0f} mm^3 is outside 800000 to 2200000", p.icv_mm3), p.id);
  if (!(p.lesion_mm3 >= 0 && p.lesion_mm3 <= 4e5))
    return fail(Code::InvalidInput, fmt::format("a lesion of {:.0f} mm^3 is outside 0 to 400000", p.lesion_mm3), p.id);
  for (std::size_t r = 0; r < 12; ++r) {
    const double usual = double(distances.voxels()[r]) * scale3;
    if (!(p.target_mm3[r] >= usual / 6 && p.target_mm3[r] <= usual * 6))
      return fail(Code::InvalidInput,
                  fmt::format("{} of {:.0f} mm^3: this head can hold {:.0f} to {:.0f}", kRegions[r].title,
                              p.target_mm3[r], usual / 6, usual * 6),
                  p.id);
  }
  return {};
}

/// Where the person's voxels lie in the scanner and in the template.
void place(const ImagePerson& person, Head& head) {
  const Stream stream(person.seed, pose_stream);
  const double scale = std::cbrt(person.icv_mm3 / kTemplateIcvMm3);
  const double degree = M_PI / 180.0;
  const Eigen::Matrix3d turn = (Eigen::AngleAxisd(4 * degree * stream.normal(0), Eigen::Vector3d::UnitX()) *
                                Eigen::AngleAxisd(2 * degree * stream.normal(1), Eigen::Vector3d::UnitY()) *
                                Eigen::AngleAxisd(2 * degree * stream.normal(2), Eigen::Vector3d::UnitZ()))
                                   .toRotationMatrix();
  const Eigen::Vector3d shift(2 * stream.normal(3), 6 * stream.normal(4), 8 * stream.normal(5));
  // The middle of the conformed volume shows the middle of Colin27, at (0, -17, 19) mm.
  const Eigen::Vector3d middle = scale * (turn * Eigen::Vector3d(0, -17, 19)) + shift;
  Eigen::Matrix4d& affine = head.grid.affine;
  affine = Eigen::Matrix4d::Identity();
  affine.block<3, 3>(0, 0) << -1, 0, 0, 0, 0, 1, 0, -1, 0;
  for (int a = 0; a < 3; ++a) {
    const double c_ras = std::round(middle[a] * 100) / 100;
    affine(a, 3) = c_ras - affine.block<1, 3>(a, 0).sum() * kSize / 2;
  }
  head.grid.size = {kSize, kSize, kSize};
  const Eigen::Matrix3d back = turn.transpose() / scale;
  const Eigen::Matrix3d columns = back * affine.block<3, 3>(0, 0);
  head.pose.origin = back * (affine.block<3, 1>(0, 3) - shift);
  head.pose.di = columns.col(0);
  head.pose.dj = columns.col(1);
  head.pose.dk = columns.col(2);
  head.pose.size = head.grid.size;
}

/// A smooth random deformation of the whole head, different for each person; its strength gives way to being
/// one-to-one.
Warp random_warp(const ImagePerson& person, const std::array<double, 3>& low, const std::array<double, 3>& high) {
  Warp warp(low, high);
  const std::array<double, 3> origin{double(warp.node(0, 0, 0)[0]), double(warp.node(0, 0, 0)[1]),
                                     double(warp.node(0, 0, 0)[2])};
  const auto draw = [&](std::uint64_t purpose, std::uint64_t axis, double spacing) {
    const SmoothNoise field(low, high, spacing, Stream(Stream(person.seed, purpose).bits(axis)));
    return field.on_lattice(origin, Warp::kStep, warp.size());
  };
  std::array<std::vector<float>, 3> u;
  for (std::size_t a = 0; a < 3; ++a) {
    u[a] = draw(coarse_warp, a, kCoarseMm);
    const auto fine = draw(fine_warp, a, kFineMm);
    for (std::size_t i = 0; i < fine.size(); ++i) u[a][i] = kCoarseSdMm * u[a][i] + kFineSdMm * fine[i];
  }
  const auto gain = draw(shading, 0, 90.0);
  for (float strength = 1.0F;; strength *= 0.8F) {
    std::size_t at = 0;
    for (int k = 0; k < warp.size()[2]; ++k)
      for (int j = 0; j < warp.size()[1]; ++j)
        for (int i = 0; i < warp.size()[0]; ++i, ++at)
          warp.at(i, j, k) = {strength * u[0][at], strength * u[1][at], strength * u[2][at], 0.10F * gain[at]};
    if (warp.lowest_jacobian() >= kLeastJacobian) return warp;
  }
}

/// Trilinear value of the template at p (mm); 0 beyond it.
float sample(const image::Volume& volume, const Point& p) {
  const image::Grid& grid = volume.grid;
  std::array<int, 3> cell;
  std::array<float, 3> f;
  for (std::size_t a = 0; a < 3; ++a) {
    const float t = p[int(a)] - float(grid.affine(int(a), 3));
    if (!(t >= 0) || t >= float(grid.size[a] - 1)) return 0.0F;
    cell[a] = int(t);
    f[a] = t - float(cell[a]);
  }
  const std::size_t row = std::size_t(grid.size[0]);
  const std::size_t slice = row * std::size_t(grid.size[1]);
  const float* q = volume.values.data() + grid.index(cell[0], cell[1], cell[2]);
  const auto lerp = [](float t, float a, float b) { return a + t * (b - a); };
  const float near = lerp(f[1], lerp(f[0], q[0], q[1]), lerp(f[0], q[row], q[row + 1]));
  const float far = lerp(f[1], lerp(f[0], q[slice], q[slice + 1]), lerp(f[0], q[slice + row], q[slice + row + 1]));
  return lerp(f[2], near, far);
}

std::uint8_t nearest(const image::Grid& grid, const std::vector<std::uint8_t>& labels, const Point& p) {
  std::array<int, 3> at;
  for (std::size_t a = 0; a < 3; ++a) at[a] = int(std::floor(p[int(a)] - float(grid.affine(int(a), 3)) + 0.5F));
  return grid.inside(at[0], at[1], at[2]) ? labels[grid.index(at[0], at[1], at[2])] : std::uint8_t{0};
}

/// Dark cavity with a soft rim, uneven inside; sets the depth of the lesion as well.
void paint_lesion(const ImagePerson& person, Head& head) {
  const auto& voxels = head.lesion.voxels;
  if (voxels.empty()) return;
  const auto at_axis = [](std::uint32_t at, std::size_t a) { return int(at >> (8 * a) & 255U); };
  std::array<int, 3> low{kSize, kSize, kSize};
  std::array<int, 3> high{0, 0, 0};
  for (const std::uint32_t at : voxels)
    for (std::size_t a = 0; a < 3; ++a) {
      low[a] = std::min(low[a], at_axis(at, a));
      high[a] = std::max(high[a], at_axis(at, a));
    }
  std::array<int, 3> size{};
  for (std::size_t a = 0; a < 3; ++a) {
    low[a] = std::max(0, low[a] - 5);
    size[a] = std::min(kSize - 1, high[a] + 5) - low[a] + 1;
  }
  brain::Mask mask(size);
  for (const std::uint32_t at : voxels)
    mask.at(at_axis(at, 0) - low[0], at_axis(at, 1) - low[1], at_axis(at, 2) - low[2]) = 1;
  head.lesion_low = low;
  head.lesion_depth = brain::signed_distance(mask);
  brain::Field soft(size);
  for (std::size_t i = 0; i < soft.values.size(); ++i) soft.values[i] = mask.values[i] != 0 ? 1.0F : 0.0F;
  soft = brain::smooth(soft, 0.8);
  const Stream stream(person.seed, cavity);
  const SmoothNoise patch({0, 0, 0}, {kSize, kSize, kSize}, 7.0, Stream(stream.bits(0)));
  const auto strength = float(0.8 + 0.15 * stream.uniform(1));
  for (int k = 0; k < size[2]; ++k)
    for (int j = 0; j < size[1]; ++j)
      for (int i = 0; i < size[0]; ++i) {
        float& depth = head.lesion_depth.at(i, j, k);
        depth = std::max(0.0F, -depth);
        const float w = soft.at(i, j, k);
        if (w <= 0.01F) continue;
        const int x = i + low[0];
        const int y = j + low[1];
        const int z = k + low[2];
        const float share = w * std::clamp(strength + 0.08F * patch.at(x, y, z), 0.5F, 1.0F);
        float& value = head.tissue[head.grid.index(x, y, z)];
        value += share * (std::min(value, kCavity) - value);
      }
}

float depth_at(const Head& head, std::uint32_t voxel) {
  const int i = int(voxel & 255U) - head.lesion_low[0];
  const int j = int(voxel >> 8 & 255U) - head.lesion_low[1];
  const int k = int(voxel >> 16) - head.lesion_low[2];
  return head.lesion_depth.inside(i, j, k) ? head.lesion_depth.at(i, j, k) : 0.0F;
}

/// Values of one image with its noise, in whole steps of 0..255.
enum class Shaded { no, yes };
void expose(const Head& head, const Stream& stream, Shaded shaded, float sd, std::vector<float>& out) {
  out.resize(head.tissue.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float gain = shaded == Shaded::yes ? head.shade[i] : 1.0F + 0.12F * (head.shade[i] - 1.0F);
    const float clean = head.tissue[i] * gain;
    // In air the magnitude of noise is seen, and FreeSurfer's 8 bits show little of it.
    const float grain = clean > 0 ? sd * stream.rough_normal(i) : 0.4F * std::abs(stream.rough_normal(i));
    out[i] = float(int(std::clamp(clean + grain, 0.0F, 255.0F) + 0.5F));
  }
}

}  // namespace

std::string_view to_string(Fault f) {
  switch (f) {
    case Fault::none: return "none";
    case Fault::leak: return "leak";
    case Fault::shift: return "shift";
    case Fault::half: return "half";
    case Fault::any: return "any";
  }
  return "none";
}

struct HeadMaker::Shared {
  RegionDistances distances;
  image::Volume head;
  std::vector<std::uint8_t> around;     ///< aseg-like labels of the template, the twelve regions taken out
  std::array<double, 3> low{}, high{};  ///< mm, the template's field of view

  void paint_head(Head& head) const;
  [[nodiscard]] Result<void> write_files(const ImagePerson& person, Head& made, const PersonImages& out) const;
};

HeadMaker::HeadMaker(std::unique_ptr<const Shared> shared) : shared_(std::move(shared)) {}
HeadMaker::HeadMaker(HeadMaker&&) noexcept = default;
HeadMaker& HeadMaker::operator=(HeadMaker&&) noexcept = default;
HeadMaker::~HeadMaker() = default;

Result<HeadMaker> HeadMaker::create(const brain::Template& head) {
  const image::Grid& grid = head.head.grid;
  if (!grid.same_as(head.regions.grid) || !grid.same_as(head.tissue.grid))
    return fail(Code::InvalidInput, "the images of the template must share one grid");
  auto distances = RegionDistances::create(head.regions);
  if (!distances) return wrap(distances.error(), head.name);
  auto shared = std::make_unique<Shared>(Shared{*std::move(distances), head.head, {}, {}, {}});
  for (std::size_t a = 0; a < 3; ++a) {
    shared->low[a] = grid.affine(int(a), 3);
    shared->high[a] = shared->low[a] + grid.size[a] - 1;
  }
  shared->around.resize(grid.voxels());
  for (std::size_t i = 0; i < grid.voxels(); ++i) {
    const Region* region = region_of_label(head.tissue.values[i]);
    const int label = region == nullptr ? head.tissue.values[i] : region->side == Side::left ? 2 : 41;
    shared->around[i] = std::uint8_t(label);
  }
  return HeadMaker(std::move(shared));
}

void HeadMaker::Shared::paint_head(Head& out) const {
  const std::size_t n = out.grid.voxels();
  out.aseg.assign(n, 0);
  out.tissue.assign(n, 0.0F);
  out.shade.assign(n, 1.0F);
  constexpr float kPad = 12.0F;  // mm by which the warp may bring in what lies outside
  for (int k = 0; k < kSize; ++k)
    for (int j = 0; j < kSize; ++j) {
      const Point start = out.pose.at(0, j, k);
      const Point step(float(out.pose.di[0]), float(out.pose.di[1]), float(out.pose.di[2]), 0.0F);
      for (int i = 0; i < kSize; ++i) {
        const Point y = start + float(i) * step;
        bool in = true;
        for (std::size_t a = 0; a < 3; ++a)
          in = in && y[int(a)] > float(low[a]) - kPad && y[int(a)] < float(high[a]) + kPad;
        if (!in) continue;
        const Point p = out.warp(y);
        const std::size_t at = out.grid.index(i, j, k);
        out.tissue[at] = sample(head, p) * (kNormalWhite / kTemplateWhite);
        out.shade[at] = 1.0F + p[3] * (1.0F + 0.5F * p[3]);
        out.aseg[at] = nearest(head.grid, around, p);
      }
    }
}

Result<void> HeadMaker::Shared::write_files(const ImagePerson& person, Head& made, const PersonImages& out) const {
  std::error_code ec;
  for (const fs::path& sub : {out.subject_dir / "mri", out.subject_dir / "stats", out.subject_dir / "scripts",
                              out.lesion_path.parent_path()}) {
    fs::create_directories(sub, ec);
    if (ec) return fail(Code::Environment, "cannot create the folder: " + ec.message(), sub.string());
  }
  const fs::path mri = out.subject_dir / "mri";
  image::Volume volume{made.grid, {}, image::Stored::uint8};
  expose(made, Stream(person.seed, noise), Shaded::yes, 3.0F, volume.values);
  if (auto ok = image::write_volume(volume, mri / "orig.mgz"); !ok) return ok;
  expose(made, Stream(person.seed, noise), Shaded::no, 2.5F, volume.values);
  if (auto ok = image::write_volume(volume, mri / "T1.mgz"); !ok) return ok;
  const auto rows = segment_rows(made.aseg, volume.values);
  for (std::size_t i = 0; i < volume.values.size(); ++i)
    if (made.aseg[i] == 0) volume.values[i] = 0;
  if (auto ok = image::write_volume(volume, mri / "brain.mgz"); !ok) return ok;
  volume.values = {};
  const image::Labels labels{made.grid, std::move(made.aseg), image::Stored::uint8};
  if (auto ok = image::write_labels(labels, mri / "aseg.mgz"); !ok) return ok;
  if (auto ok = write_file(out.subject_dir / "stats" / "aseg.stats", aseg_stats(person, rows)); !ok) return ok;
  if (auto ok = write_file(out.subject_dir / "scripts" / "build-stamp.txt", build_stamp(person)); !ok) return ok;
  if (auto ok = write_file(out.subject_dir / "scripts" / "recon-all.done", recon_all_done(person)); !ok) return ok;
  // The mask has a grid of its own, as lesions are drawn elsewhere: RAS+, and only as large as the head.
  image::Labels mask{{}, {}, image::Stored::uint8};
  mask.grid.size = {196, 240, 220};
  const Eigen::Vector3d corner = made.grid.to_world({226.0, 242.0, 8.0});
  mask.grid.affine.block<3, 1>(0, 3) = corner;
  mask.values.assign(mask.grid.voxels(), 0);
  for (const std::uint32_t at : made.lesion.voxels) {
    const int i = 226 - int(at & 255U);
    const int j = int(at >> 16) - 8;
    const int k = 242 - int(at >> 8 & 255U);
    if (!mask.grid.inside(i, j, k))
      return fail(Code::InvalidInput, "the head does not fit into the field of view", person.id);
    mask.values[mask.grid.index(i, j, k)] = 1;
  }
  return image::write_labels(mask, out.lesion_path);
}

Result<PersonImages> HeadMaker::write(const ImagePerson& person, const fs::path& dir, const Task& task) const {
  const double scale3 = person.icv_mm3 / kTemplateIcvMm3;
  if (auto ok = check(person, shared_->distances, scale3); !ok) return tl::unexpected(ok.error());
  Head head{.grid = {},
            .pose = {},
            .warp = random_warp(person, shared_->low, shared_->high),
            .aseg = {},
            .tissue = {},
            .shade = {},
            .lesion = {},
            .lesion_depth = {},
            .lesion_low = {}};
  place(person, head);
  std::array<long long, 12> targets{};
  for (std::size_t r = 0; r < 12; ++r) targets[r] = std::llround(person.target_mm3[r]);
  const auto regions = fit_volumes(shared_->distances, head.pose, targets, head.warp);
  if (!regions) return wrap(regions.error(), person.id);
  if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
  shared_->paint_head(head);
  for (std::size_t r = 0; r < 12; ++r)
    for (const std::uint32_t at : regions->voxels[r]) head.aseg[at] = kRegions[r].label;
  auto lesion = make_lesion(head.aseg, head.pose, head.warp, person.lesion_side, std::llround(person.lesion_mm3),
                            Stream(person.seed, lesion_stream));
  if (!lesion) return wrap(lesion.error(), person.id);
  head.lesion = *std::move(lesion);
  paint_lesion(person, head);

  PersonImages out;
  out.id = person.id;
  out.subject_dir = dir / "subjects" / person.id;
  out.lesion_path = dir / "lesions" / (person.id + "_lesion.nii.gz");
  out.lesion_mm3 = double(head.lesion.voxels.size());
  out.lesion_site = head.lesion.site;
  for (const std::uint32_t at : head.lesion.voxels) {
    if (head.aseg[at] == 2 || head.aseg[at] == 41) head.aseg[at] = 77;
    out.lesion_centre_mm += head.grid.to_world({double(at & 255U), double(at >> 8 & 255U), double(at >> 16)});
  }
  if (!head.lesion.voxels.empty()) out.lesion_centre_mm /= double(head.lesion.voxels.size());
  for (std::size_t r = 0; r < 12; ++r) {
    const auto& voxels = regions->voxels[r];
    std::vector<float> depth(voxels.size());
    std::ranges::transform(voxels, depth.begin(), [&](std::uint32_t at) { return depth_at(head, at); });
    const auto inside = std::ranges::count_if(depth, [](float d) { return d > 0; });
    const Stream stream(Stream(person.seed, fault).bits(r));
    lose_to_lesion(voxels, depth, stream, head.aseg);
    out.regions[r].intact_voxels = (long long)voxels.size();
    out.regions[r].lesion_overlap = double(inside) / double(voxels.size());
    out.regions[r].fault = break_region(person.faults[r], kRegions[r], voxels, head.pose, stream, head.aseg);
  }
  for (const std::int32_t label : head.aseg)
    if (const Region* region = region_of_label(label); region != nullptr)
      ++out.regions[std::size_t(region - kRegions.data())].voxels;
  out.lowest_jacobian = head.warp.lowest_jacobian();
  if (auto ok = shared_->write_files(person, head, out); !ok) return wrap(ok.error(), person.id);
  return out;
}

Result<std::vector<PersonImages>> write_images(const std::vector<ImagePerson>& people, const fs::path& dir, int threads,
                                               const Task& task) {
  const auto head = brain::load_colin27(task.part(0.0, 0.05));
  if (!head) return tl::unexpected(head.error());
  const auto maker = HeadMaker::create(*head);
  if (!maker) return tl::unexpected(maker.error());
  std::vector<std::optional<Result<PersonImages>>> made(people.size());
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> done{0};
  std::atomic<bool> failed{false};
  const auto work = [&] {
    for (std::size_t i = next++; i < people.size() && !failed && !task.cancelled(); i = next++) {
      made[i] = maker->write(people[i], dir, task);
      if (!made[i]->has_value()) failed = true;
      task.progress(0.05 + 0.95 * double(++done) / double(people.size()), "images of " + people[i].id);
    }
  };
  const unsigned cores = std::clamp(std::thread::hardware_concurrency(), 1U, 8U);  // each holds 0.4 GB
  const auto wanted = std::min(people.size(), threads > 0 ? std::size_t(threads) : std::size_t(cores));
  {
    std::vector<std::jthread> crew;
    for (std::size_t t = 1; t < wanted; ++t) crew.emplace_back(work);
    work();
  }
  std::vector<PersonImages> out;
  for (auto& one : made) {
    if (one && !one->has_value()) return tl::unexpected(one->error());
    if (one) out.push_back(**std::move(one));
  }
  if (out.size() != people.size()) return fail(Code::Cancelled, "stopped by the user");
  return out;
}

}  // namespace ipsi::demo
