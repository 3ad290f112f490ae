// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "core/base/error.h"

namespace ipsi::render {

/// An OpenGL context that needs no window and no X server (EGL, surfaceless where there is one).
/// Private to the library: everyone else renders through Scene.
class Offscreen {
 public:
  /// @error Environment  EGL or OpenGL 3.2 cannot be had (says which step failed)
  [[nodiscard]] static Result<std::unique_ptr<Offscreen>> create();
  ~Offscreen();
  Offscreen(const Offscreen&) = delete;
  Offscreen& operator=(const Offscreen&) = delete;

  /// Make it this thread's context. @error Environment
  [[nodiscard]] Result<void> make_current();
  void release();
  [[nodiscard]] bool current() const;

 private:
  struct Egl;
  explicit Offscreen(std::unique_ptr<Egl> egl);
  std::unique_ptr<Egl> egl_;
};

}  // namespace ipsi::render
