// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/io.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/image/frames.h"
#include "core/image/raw.h"

namespace ipsi::image {
namespace fs = std::filesystem;
namespace {

enum class Format { mgh, nifti, itk };

/// A file whose header was understood and whose size agrees with it as far as can be told without reading it all.
struct Source {
  Format format = Format::mgh;
  Header header;
  fs::path voxels;  ///< file with the voxels: the same, or the .img of a pair
};

bool ends_with(const fs::path& path, std::string_view ending) {
  const std::string name = to_lower(path.filename().string());
  return name.size() >= ending.size() && std::string_view(name).substr(name.size() - ending.size()) == ending;
}

/// "a/b" of "a/b.hdr" and "a/b.img.gz".
fs::path without_extension(const fs::path& path) {
  fs::path out = path;
  if (ends_with(out, ".gz")) out.replace_extension();
  return out.replace_extension();
}

/// The first existing file of a stem and the endings that pairs use.
Result<fs::path> partner(const fs::path& path, std::string_view what, const std::vector<std::string>& endings) {
  for (const std::string& ending : endings) {
    const fs::path candidate = without_extension(path).string() + ending;
    std::error_code ec;
    if (fs::exists(candidate, ec)) return candidate;
  }
  return fail(Code::NotFound, fmt::format("the {} file of this pair is missing", what), path.string(),
              "put " + without_extension(path).filename().string() + endings.front() + " beside it");
}

tl::unexpected<Error> not_an_image(const fs::path& path, const Head& head) {
  return fail(Code::ReadFailed,
              fmt::format("this is not an image: its first bytes are{} neither MGH, NIfTI, Analyze, NRRD nor MetaImage",
                          head.compressed ? ", decompressed," : ""),
              path.string(), "check what wrote the file");
}

Result<void> check_size(const Header& header, std::size_t available, bool exact) {
  const std::size_t voxels = *voxel_bytes(header);
  std::size_t wanted = 0;
  if (__builtin_add_overflow(voxels, header.offset, &wanted)) wanted = std::numeric_limits<std::size_t>::max();
  const Info& info = header.info;
  if (available < wanted)
    return fail(Code::ReadFailed,
                fmt::format("the header promises {} x {} x {} voxels, {} frame{}: {} bytes; the file has {}{}",
                            info.grid.size[0], info.grid.size[1], info.grid.size[2], info.frames,
                            info.frames == 1 ? "" : "s", wanted, exact ? "" : "at most ", available),
                "", "the file is cut short or its header is damaged; copy or make it again");
  return {};
}

Result<Header> parse(Format format, std::string_view head, bool* pair) {
  if (format == Format::mgh) return parse_mgh(head);
  auto nifti = parse_nifti(head);
  if (!nifti) return tl::unexpected<Error>(nifti.error());
  *pair = nifti->pair;
  return nifti->header;
}

Result<Source> inspect(const fs::path& path) {
  fs::path header_path = path;
  if (ends_with(path, ".img") || ends_with(path, ".img.gz")) {
    auto hdr = partner(path, "header", {".hdr", ".hdr.gz", ".HDR"});
    if (!hdr) return tl::unexpected<Error>(hdr.error());
    header_path = *hdr;
  }
  auto head = load_head(header_path, kHeadBytes);
  if (!head) return tl::unexpected<Error>(head.error());
  Source source;
  source.voxels = header_path;
  // The name decides only where the content says nothing, so that a damaged .mgz is called that.
  const bool mgh_name = ends_with(path, ".mgh") || ends_with(path, ".mgz");
  const bool nifti_name = ends_with(path, ".nii") || ends_with(path, ".nii.gz");
  if (looks_like_nifti(head->bytes))
    source.format = Format::nifti;
  else if (looks_like_mgh(head->bytes))
    source.format = Format::mgh;
  else if (looks_like_itk(head->bytes) && !head->compressed)
    source.format = Format::itk;
  else if (mgh_name || nifti_name)
    source.format = mgh_name ? Format::mgh : Format::nifti;
  else
    return not_an_image(path, *head);

  if (source.format == Format::itk) {
    auto header = itk_header(header_path);
    if (!header) return wrap(header.error(), path.string());
    source.header = *header;
    const bool detached =
        head->bytes.find("data file:") != std::string::npos || head->bytes.find("datafile:") != std::string::npos;
    if (head->bytes.starts_with("NRRD") && !detached)  // ITK takes memory on the word of the header
      if (auto ok = check_size(source.header, inflated_at_most(head->at_most), false); !ok)
        return wrap(ok.error(), path.string());
    return source;
  }
  bool pair = false;
  auto header = parse(source.format, head->bytes, &pair);
  if (!header) return wrap(header.error(), path.string());
  source.header = *header;
  std::size_t at_most = head->at_most;
  bool exact = !head->compressed;
  if (pair) {
    auto img = partner(header_path, "voxel", {".img", ".img.gz", ".IMG"});
    if (!img) return tl::unexpected<Error>(img.error());
    source.voxels = *img;
    auto body = load_head(*img, 16);
    if (!body) return tl::unexpected<Error>(body.error());
    at_most = body->at_most;
    exact = !body->compressed;
  }
  if (auto ok = check_size(source.header, at_most, exact); !ok) return wrap(ok.error(), path.string());
  return source;
}

Result<Raw> load_raw(const Source& source) {
  if (source.format == Format::itk) {
    auto raw = itk_read(source.voxels);
    return raw ? std::move(raw) : wrap(raw.error(), source.voxels.string());
  }
  auto bytes = load(source.voxels);
  if (!bytes) return tl::unexpected<Error>(bytes.error());
  if (is_gzip(bytes->view())) {
    auto whole = gunzip(bytes->view());
    if (!whole) return wrap(whole.error(), source.voxels.string());
    bytes = std::move(whole);
  }
  if (auto ok = check_size(source.header, bytes->size(), true); !ok) return wrap(ok.error(), source.voxels.string());
  const std::size_t end = source.header.offset + *voxel_bytes(source.header);
  const std::string_view tail = bytes->view().substr(end);
  if (!source.header.tail_allowed && std::any_of(tail.begin(), tail.end(), [](char c) { return c != '\0'; }))
    return fail(Code::ReadFailed, fmt::format("{} bytes follow the voxels that the header tells of", tail.size()),
                source.voxels.string(), "the header is damaged or two files were joined; make it again");
  return Raw{source.header, std::move(*bytes)};
}

Result<Raw> read_single(const fs::path& path) {
  auto source = inspect(path);
  if (!source) return tl::unexpected<Error>(source.error());
  const Info& info = source->header.info;
  if (info.components == 3 || info.components == 4)
    return fail(Code::InvalidInput,
                fmt::format("the image holds colours ({} values a voxel), not intensities or labels", info.components),
                path.string(), "name the image it was drawn from");
  if (info.components > 1)
    return fail(Code::InvalidInput, fmt::format("the image holds {} values a voxel where one is due", info.components),
                path.string(), "name an image with one value a voxel");
  if (info.frames > 1)
    return fail(Code::InvalidInput, fmt::format("the image is 4D with {} volumes where one is due", info.frames),
                path.string(), "extract one volume first");
  return load_raw(*source);
}

/// Why values are no mask, in words; empty when they are one. `largest` is the largest value.
std::string not_a_mask(const std::vector<float>& values, float largest) {
  std::size_t full = 0;
  std::size_t between = 0;
  bool whole = true;
  float example = 0.0F;
  for (const float v : values) {
    if (v <= 0.01F * largest) continue;
    if (v >= 0.98F * largest) {
      ++full;
    } else {
      if (between++ == 0) example = v;
    }
    whole = whole && std::abs(v - std::nearbyint(v)) < 1e-4F;
  }
  if (largest < 0.5F) return fmt::format("its largest value is {}, a mask has 0 and 1", largest);
  // Whole numbers other than the largest are labels, unless 8 bits stand for 0..1 (0..255).
  const bool labels = whole && largest != 255.0F;
  const bool tiny = full + between <= 200;  // interpolation leaves a small lesion nothing but edge
  if (between == 0 || (!labels && (between <= full || tiny))) return {};
  return fmt::format("{} voxels lie between 0 and its largest value {} (such as {}), so it is {}", between, largest,
                     example, labels ? "a parcellation or an intensity image" : "an intensity or probability image");
}

struct Written {
  bool mgh = false, nifti = false, itk = false, compressed = false;
};

Result<Written> target_of(const fs::path& path) {
  Written t;
  t.compressed = ends_with(path, ".mgz") || ends_with(path, ".gz");
  t.mgh = ends_with(path, ".mgh") || ends_with(path, ".mgz") || ends_with(path, ".mgh.gz");
  t.nifti = ends_with(path, ".nii") || ends_with(path, ".nii.gz");
  t.itk = ends_with(path, ".nrrd") || ends_with(path, ".mha");
  if (t.mgh || t.nifti || t.itk) return t;
  return fail(Code::InvalidInput, fmt::format("no image format has the name '{}'", path.filename().string()),
              path.string(), "end it with .mgz, .mgh, .nii.gz, .nii, .nrrd or .mha");
}

Result<void> write_native(const Header& header, std::string_view native, const fs::path& path, const Written& target) {
  if (target.itk)
    return write_file_with(path, [&](const fs::path& temporary) { return itk_write(header, native, temporary); });
  auto bytes = target.mgh ? mgh_file(header, native) : nifti_file(header, native);
  if (!bytes) return wrap(bytes.error(), path.string());
  if (!target.compressed) return write_file(path, *bytes);
  auto packed = gzip(*bytes);
  if (!packed) return wrap(packed.error(), path.string());
  return write_file(path, *packed);
}

/// The type to store in MGH, which knows fewer.
Stored mgh_type(Stored stored) {
  if (mgh_holds(stored)) return stored;
  switch (stored) {
    case Stored::int8: return Stored::int16;
    case Stored::float64: return Stored::float32;
    default: return Stored::int32;
  }
}

template <class Image>
Result<void> write_image(const Image& image, const fs::path& path) {
  auto target = target_of(path);
  if (!target) return tl::unexpected<Error>(target.error());
  if (image.values.size() != image.grid.voxels() || image.values.empty())
    return fail(Code::InvalidInput,
                fmt::format("{} values for a grid of {} voxels", image.values.size(), image.grid.voxels()),
                path.string());
  if (auto ok = check_affine(image.grid.affine); !ok)
    return fail(Code::InvalidInput, "the affine of the image is flat or not finite", path.string());
  Header header;
  header.info.grid = image.grid;
  header.info.stored = target->mgh ? mgh_type(image.stored) : image.stored;
  auto native = encode(image.values, header.info.stored, image.grid);
  if (!native) return wrap(native.error(), path.string());
  return write_native(header, *native, path, *target);
}

/// Real values of all frames in double, for the rare type that the target does not know.
std::vector<double> real_values(const Raw& raw) {
  const Header& header = raw.header;
  std::vector<double> out(header.values());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char* at = raw.voxels() + i * size_of(header.info.stored);
    double v = 0.0;
    const auto take = [&](auto typed) {
      std::memcpy(&typed, at, sizeof(typed));
      v = static_cast<double>(typed);
    };
    switch (header.info.stored) {
      case Stored::uint8: take(std::uint8_t{}); break;
      case Stored::int8: take(std::int8_t{}); break;
      case Stored::int16: take(std::int16_t{}); break;
      case Stored::uint16: take(std::uint16_t{}); break;
      case Stored::int32: take(std::int32_t{}); break;
      case Stored::uint32: take(std::uint32_t{}); break;
      case Stored::int64: take(std::int64_t{}); break;
      case Stored::uint64: take(std::uint64_t{}); break;
      case Stored::float32: take(float{}); break;
      case Stored::float64: take(double{}); break;
    }
    out[i] = header.slope * v + header.intercept;
  }
  return out;
}

/// The voxels as another type: int32 or int16 where they fit, else float32 with the largest change noted.
std::string retyped(const std::vector<double>& values, Stored wished, Converted& report) {
  const auto fits = [&](double low, double high) {
    return std::all_of(values.begin(), values.end(),
                       [&](double v) { return v >= low && v <= high && v == std::nearbyint(v); });
  };
  const auto pack = [&](auto type) {
    using T = decltype(type);
    std::string out(values.size() * sizeof(T), '\0');
    for (std::size_t i = 0; i < values.size(); ++i) {
      const T v = static_cast<T>(values[i]);
      std::memcpy(out.data() + i * sizeof(T), &v, sizeof(T));
    }
    return out;
  };
  report.to = wished;
  if (wished == Stored::int16 && fits(-32768.0, 32767.0)) return pack(std::int16_t{});
  if (is_whole(wished) && fits(-2147483648.0, 2147483647.0)) {
    report.to = Stored::int32;
    return pack(std::int32_t{});
  }
  report.to = Stored::float32;
  for (const double v : values) {
    const double change = std::abs(static_cast<double>(static_cast<float>(v)) - v);
    if (change > report.largest_change) report.largest_change = change;
  }
  return pack(float{});
}

}  // namespace

Result<Raw> read_raw(const fs::path& path) {
  return read_single(path);
}

Result<Info> read_info(const fs::path& path) {
  auto source = inspect(path);
  if (!source) return tl::unexpected<Error>(source.error());
  return source->header.info;
}

Result<Volume> read_volume(const fs::path& path) {
  auto raw = read_single(path);
  if (!raw) return tl::unexpected<Error>(raw.error());
  Volume out;
  out.grid = raw->header.info.grid;
  // Scaled values are no longer those of the stored type, so a copy of them is written as float32.
  out.stored = raw->header.scaled() ? Stored::float32 : raw->header.info.stored;
  out.values = decode_floats(*raw);
  return out;
}

Result<void> read_frames(const fs::path& path,
                         const std::function<Result<void>(int, const std::vector<float>&)>& each) {
  auto source = inspect(path);
  if (!source) return tl::unexpected<Error>(source.error());
  const Info info = source->header.info;
  if (info.components > 1)
    return fail(Code::InvalidInput, fmt::format("the image holds {} values a voxel where one is due", info.components),
                path.string(), "name an image with one value a voxel");
  auto raw = load_raw(*source);
  if (!raw) return tl::unexpected<Error>(raw.error());
  const std::size_t frame_bytes = info.grid.voxels() * size_of(info.stored);
  if (raw->bytes.size() < raw->header.offset + frame_bytes * static_cast<std::size_t>(info.frames))
    return fail(Code::ReadFailed, fmt::format("the file does not hold its {} volumes", info.frames), path.string(),
                "convert it to NIfTI");
  for (int frame = 0; frame < info.frames; ++frame) {
    if (auto ok = each(frame, decode_floats(*raw)); !ok) return ok;
    raw->header.offset += frame_bytes;
  }
  return {};
}

Result<Labels> read_labels(const fs::path& path) {
  auto raw = read_single(path);
  if (!raw) return tl::unexpected<Error>(raw.error());
  auto values = decode_labels(*raw);
  if (!values) return wrap(values.error(), path.string());
  Labels out;
  out.grid = raw->header.info.grid;
  const Stored stored = raw->header.info.stored;
  out.stored = is_whole(stored) && !raw->header.scaled() ? stored : Stored::int32;
  out.values = std::move(*values);
  return out;
}

Result<Labels> read_mask(const fs::path& path) {
  auto volume = read_volume(path);
  if (!volume) return tl::unexpected<Error>(volume.error());
  std::size_t nan = 0;
  std::size_t first_nan = 0;
  float largest = 0.0F;
  float smallest = 0.0F;
  for (std::size_t i = 0; i < volume->values.size(); ++i) {
    const float v = volume->values[i];
    if (std::isnan(v) && nan++ == 0) first_nan = i;
    if (v > largest) largest = v;
    if (v < smallest) smallest = v;
  }
  const std::string mend = "name a mask with 0 outside and 1 inside";
  if (nan > 0)
    return fail(Code::InvalidInput, fmt::format("{} voxel{} of the mask hold NaN", nan, nan == 1 ? "" : "s"),
                path.string() + ", first at " + place_name(volume->grid, first_nan), "replace NaN by 0");
  // Spline interpolation undershoots a little; more than that is no mask.
  if (smallest < -0.1F * std::max(largest, 0.5F))
    return fail(Code::InvalidInput, fmt::format("this is not a mask: it holds negative values down to {}", smallest),
                path.string(), mend);
  if (largest > 0.0F)
    if (const std::string why = not_a_mask(volume->values, largest); !why.empty())
      return fail(Code::InvalidInput, "this is not a mask: " + why, path.string(), mend);
  Labels out;
  out.grid = volume->grid;
  out.stored = Stored::uint8;
  out.values.resize(volume->values.size());
  for (std::size_t i = 0; i < out.values.size(); ++i)
    out.values[i] = largest > 0.0F && volume->values[i] >= 0.5F * largest ? 1 : 0;
  return out;
}

Result<void> write_volume(const Volume& volume, const fs::path& path) {
  return write_image(volume, path);
}
Result<void> write_labels(const Labels& labels, const fs::path& path) {
  return write_image(labels, path);
}

Result<Converted> convert(const fs::path& in, const fs::path& out) {
  auto target = target_of(out);
  if (!target) return tl::unexpected<Error>(target.error());
  auto source = inspect(in);
  if (!source) return tl::unexpected<Error>(source.error());
  auto raw = load_raw(*source);
  if (!raw) return tl::unexpected<Error>(raw.error());
  to_native(*raw);
  Header& header = raw->header;
  Converted report{.from = header.info.stored, .to = header.info.stored};
  std::string_view native(raw->voxels(), *voxel_bytes(header));
  std::string other;
  // MGH has no scale factors and few types; the ITK formats have no scale factors.
  const bool same = (!header.scaled() || target->nifti) && (!target->mgh || mgh_holds(header.info.stored));
  if (!same && header.info.components == 1) {
    const Stored wished = header.scaled() ? Stored::float32 : mgh_type(header.info.stored);
    other = retyped(real_values(*raw), wished, report);
    header.info.stored = report.to;
    header.slope = 1.0;
    header.intercept = 0.0;
    native = other;
  }
  if (auto ok = write_native(header, native, out, *target); !ok) return tl::unexpected<Error>(ok.error());
  return report;
}

}  // namespace ipsi::image
