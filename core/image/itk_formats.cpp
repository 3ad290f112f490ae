// SPDX-License-Identifier: GPL-3.0-or-later
#include <itkMetaImageIO.h>
#include <itkNrrdImageIO.h>

#include <algorithm>
#include <iostream>
#include <mutex>
#include <sstream>

#include "core/base/text.h"
#include "core/image/raw.h"

// NRRD and MetaImage through ITK's readers. Its ImageIO classes are used without itk::Image: bytes and a header come
// out as they are stored, of any type, and no image template is compiled. The voxels of a MetaImage are read here:
// ITK 5.2 takes a file that is cut short or damaged without a word.

namespace ipsi::image {
namespace {

/// MetaIO writes its complaints to std::cerr; the caller gets them as one Error instead.
class Quiet {
 public:
  Quiet() : lock_(mutex()), old_(std::cerr.rdbuf(sink_.rdbuf())) { itk::Object::GlobalWarningDisplayOff(); }
  ~Quiet() { std::cerr.rdbuf(old_); }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  std::lock_guard<std::mutex> lock_;
  std::ostringstream sink_;
  std::streambuf* old_;
};

using Io = itk::ImageIOBase;

tl::unexpected<Error> unreadable(const itk::ExceptionObject& e) {
  std::string text = e.GetDescription();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return fail(Code::ReadFailed, "this is not a readable NRRD or MetaImage file: " + text.substr(0, 200), "",
              "copy or make it again");
}

Io::Pointer reader_for(const std::filesystem::path& path) {
  auto nrrd = itk::NrrdImageIO::New();
  if (nrrd->CanReadFile(path.c_str())) return nrrd.GetPointer();
  return itk::MetaImageIO::New().GetPointer();
}

Result<Stored> stored_of(const Io& io) {
  switch (io.GetComponentType()) {
    case Io::IOComponentEnum::UCHAR: return Stored::uint8;
    case Io::IOComponentEnum::CHAR: return Stored::int8;
    case Io::IOComponentEnum::SHORT: return Stored::int16;
    case Io::IOComponentEnum::USHORT: return Stored::uint16;
    case Io::IOComponentEnum::INT: return Stored::int32;
    case Io::IOComponentEnum::UINT: return Stored::uint32;
    case Io::IOComponentEnum::LONG:
    case Io::IOComponentEnum::LONGLONG: return Stored::int64;
    case Io::IOComponentEnum::ULONG:
    case Io::IOComponentEnum::ULONGLONG: return Stored::uint64;
    case Io::IOComponentEnum::FLOAT: return Stored::float32;
    case Io::IOComponentEnum::DOUBLE: return Stored::float64;
    default:
      return fail(Code::ReadFailed, "the voxel type of this file is not one Ipsi reads", "", "convert it to float");
  }
}

Io::IOComponentEnum component_of(Stored stored) {
  switch (stored) {
    case Stored::uint8: return Io::IOComponentEnum::UCHAR;
    case Stored::int8: return Io::IOComponentEnum::CHAR;
    case Stored::int16: return Io::IOComponentEnum::SHORT;
    case Stored::uint16: return Io::IOComponentEnum::USHORT;
    case Stored::int32: return Io::IOComponentEnum::INT;
    case Stored::uint32: return Io::IOComponentEnum::UINT;
    case Stored::int64: return Io::IOComponentEnum::LONG;
    case Stored::uint64: return Io::IOComponentEnum::ULONG;
    case Stored::float32: return Io::IOComponentEnum::FLOAT;
    case Stored::float64: return Io::IOComponentEnum::DOUBLE;
  }
  return Io::IOComponentEnum::UNKNOWNCOMPONENTTYPE;
}

Result<Header> header_of(const Io& io) {
  const auto stored = stored_of(io);
  if (!stored) return tl::unexpected<Error>(stored.error());
  Header header;
  header.info.stored = *stored;
  header.info.components = static_cast<int>(io.GetNumberOfComponents());
  const unsigned dimensions = io.GetNumberOfDimensions();
  Grid& grid = header.info.grid;
  for (unsigned axis = 0; axis < 3; ++axis) {
    const auto n = axis < dimensions ? io.GetDimensions(axis) : 1;
    grid.size[axis] = n > 2147483647 ? 0 : static_cast<int>(n);
    if (axis >= dimensions) continue;
    const std::vector<double> direction = io.GetDirection(axis);
    for (unsigned row = 0; row < 3; ++row) {
      const double lps = row < 2 ? -1.0 : 1.0;  // ITK's world is LPS, ours RAS
      const double cosine = row < direction.size() ? direction[row] : 0.0;
      grid.affine(row, axis) = lps * cosine * io.GetSpacing(axis);
      if (row == axis) grid.affine(row, 3) = lps * io.GetOrigin(axis);
    }
  }
  header.info.frames =
      dimensions > 3 ? static_cast<int>(std::min<itk::SizeValueType>(io.GetDimensions(3), 1 << 30)) : 1;
  if (auto ok = voxel_bytes(header); !ok) return tl::unexpected<Error>(ok.error());
  if (auto ok = check_affine(grid.affine); !ok) return tl::unexpected<Error>(ok.error());
  return header;
}

// ---- the voxels of a MetaImage ----------------------------------------------------------------------------------

/// Where a MetaImage header says its voxels are.
struct MetaBody {
  std::filesystem::path file;
  std::size_t offset = 0;
  bool to_end = false;  ///< HeaderSize = -1: the voxels are the last bytes of the file
  bool compressed = false, swap = false;
};

bool is_true(const std::string& text) {
  return !text.empty() && (text[0] == 'T' || text[0] == 't' || text[0] == '1');
}

Result<MetaBody> meta_body(const std::filesystem::path& path) {
  auto head = load_head(path, 1 << 16);
  if (!head) return tl::unexpected<Error>(head.error());
  MetaBody body;
  body.file = path;
  std::size_t at = 0;
  while (at < head->bytes.size()) {
    const std::size_t end = std::min(head->bytes.find('\n', at), head->bytes.size());
    const std::string line = head->bytes.substr(at, end - at);
    at = end + 1;
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string key = trim(line.substr(0, equals));
    const std::string value = trim(line.substr(equals + 1));
    if (key == "CompressedData") body.compressed = is_true(value);
    if (key == "BinaryDataByteOrderMSB" || key == "ElementByteOrderMSB") body.swap = is_true(value);
    if (key == "BinaryData" && !is_true(value))
      return fail(Code::ReadFailed, "the voxels of this MetaImage are text", "", "write it again in binary");
    if (key == "HeaderSize") {
      const auto size = parse_integer(value);
      body.to_end = size && *size == -1;
      if (size && *size > 0) body.offset = static_cast<std::size_t>(*size);
    }
    if (key != "ElementDataFile") continue;  // by definition the last line of the header
    if (value == "LOCAL" || value == "Local" || value == "local") {
      body.offset = at;
      return body;
    }
    if (value == "LIST" || value.find('%') != std::string::npos)
      return fail(Code::ReadFailed, "the voxels of this MetaImage lie in many files", "", "write it as one .mha file");
    body.file = path.parent_path() / value;
    return body;
  }
  return fail(Code::ReadFailed, "the MetaImage header has no ElementDataFile", "", "copy or make it again");
}

Result<Raw> read_meta_voxels(const std::filesystem::path& path, Header header) {
  auto body = meta_body(path);
  if (!body) return tl::unexpected<Error>(body.error());
  auto bytes = load(body->file);
  if (!bytes) return tl::unexpected<Error>(bytes.error());
  const std::size_t wanted = *voxel_bytes(header);
  const std::size_t size = bytes->size();
  header.offset = std::min(body->to_end && size >= wanted ? size - wanted : body->offset, size);
  header.swap = body->swap;
  if (!body->compressed) {
    if (size - header.offset < wanted)
      return fail(Code::ReadFailed,
                  fmt::format("the header promises {} bytes of voxels; there are {}", wanted, size - header.offset), "",
                  "the file is cut short or its header is damaged; copy or make it again");
    return Raw{header, std::move(*bytes)};
  }
  auto whole = unzlib(bytes->view().substr(header.offset), wanted);
  if (!whole) return tl::unexpected<Error>(whole.error());
  header.offset = 0;
  return Raw{header, std::move(*whole)};
}

}  // namespace

bool looks_like_itk(std::string_view head) {
  return head.starts_with("NRRD") || head.substr(0, 512).find("ObjectType") != std::string_view::npos ||
         (head.substr(0, 512).find("NDims") != std::string_view::npos &&
          head.substr(0, 2048).find("DimSize") != std::string_view::npos);
}

Result<Header> itk_header(const std::filesystem::path& path) {
  const Quiet quiet;
  try {
    const auto io = reader_for(path);
    io->SetFileName(path.string());
    io->ReadImageInformation();
    return header_of(*io);
  } catch (const itk::ExceptionObject& e) {
    return unreadable(e);
  }
}

Result<Raw> itk_read(const std::filesystem::path& path) {
  const Quiet quiet;
  try {
    const auto io = reader_for(path);
    io->SetFileName(path.string());
    io->ReadImageInformation();
    auto header = header_of(*io);
    if (!header) return tl::unexpected<Error>(header.error());
    if (dynamic_cast<itk::MetaImageIO*>(io.GetPointer()) != nullptr) return read_meta_voxels(path, *header);
    Raw raw;
    raw.header = *header;
    const std::size_t bytes = *voxel_bytes(*header);
    if (bytes != static_cast<std::size_t>(io->GetImageSizeInBytes()))
      return fail(Code::ReadFailed, "the header contradicts itself about the number of voxels");
    raw.bytes = Bytes::make(bytes);
    if (raw.bytes.empty()) return fail(Code::Environment, "there is not enough memory for this image");
    itk::ImageIORegion region(io->GetNumberOfDimensions());
    for (unsigned axis = 0; axis < io->GetNumberOfDimensions(); ++axis) {
      region.SetIndex(axis, 0);
      region.SetSize(axis, io->GetDimensions(axis));
    }
    io->SetIORegion(region);
    io->Read(raw.bytes.data());
    return raw;
  } catch (const itk::ExceptionObject& e) {
    return unreadable(e);
  }
}

Result<void> itk_write(const Header& header, std::string_view native, const std::filesystem::path& path) {
  const Info& info = header.info;
  if (info.components != 1 || info.frames != 1)
    return fail(Code::InvalidInput, "only one frame of one value a voxel is written to NRRD and MetaImage", "",
                "write .nii.gz");
  const Quiet quiet;
  try {
    Io::Pointer io;
    if (path.extension() == ".nrrd")
      io = itk::NrrdImageIO::New().GetPointer();
    else
      io = itk::MetaImageIO::New().GetPointer();
    const Grid& grid = info.grid;
    io->SetNumberOfDimensions(3);
    itk::ImageIORegion region(3);
    const Eigen::Vector3d spacing = grid.spacing();
    for (unsigned axis = 0; axis < 3; ++axis) {
      const auto n = static_cast<itk::SizeValueType>(grid.size[axis]);
      io->SetDimensions(axis, n);
      region.SetSize(axis, n);
      region.SetIndex(axis, 0);
      io->SetSpacing(axis, spacing[axis]);
      io->SetOrigin(axis, (axis < 2 ? -1.0 : 1.0) * grid.affine(axis, 3));
      std::vector<double> direction(3);
      for (unsigned row = 0; row < 3; ++row)
        direction[row] = (row < 2 ? -1.0 : 1.0) * grid.affine(row, axis) / spacing[axis];
      io->SetDirection(axis, direction);
    }
    io->SetIORegion(region);
    io->SetNumberOfComponents(1);
    io->SetPixelType(itk::CommonEnums::IOPixel::SCALAR);
    io->SetComponentType(component_of(info.stored));
    io->SetUseCompression(true);
    io->SetFileName(path.string());
    io->WriteImageInformation();
    io->Write(native.data());
    return {};
  } catch (const itk::ExceptionObject& e) {
    return fail(Code::Environment, std::string("cannot write: ") + e.GetDescription(), path.string(),
                "check permissions and free space");
  }
}

}  // namespace ipsi::image
