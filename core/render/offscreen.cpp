// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/offscreen.h"

#define EGL_NO_X11  // no X types wanted
#include <EGL/egl.h>
#include <EGL/eglext.h>

#include <cstring>
#include <mutex>
#include <utility>

namespace ipsi::render {
namespace {

// A process has one display of a kind, and ending it ends the contexts of everyone: it is counted here.
std::mutex display_mutex;
EGLDisplay shared_display = EGL_NO_DISPLAY;
int display_users = 0;

}  // namespace

struct Offscreen::Egl {
  EGLDisplay display = EGL_NO_DISPLAY;
  EGLSurface surface = EGL_NO_SURFACE;
  EGLContext context = EGL_NO_CONTEXT;

  ~Egl() {
    if (display == EGL_NO_DISPLAY) return;
    const std::lock_guard lock(display_mutex);
    if (eglGetCurrentContext() == context) eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    if (context != EGL_NO_CONTEXT) eglDestroyContext(display, context);
    if (surface != EGL_NO_SURFACE) eglDestroySurface(display, surface);
    if (--display_users > 0) return;
    eglTerminate(display);
    shared_display = EGL_NO_DISPLAY;
  }
};

namespace {

auto no_gl(const std::string& step) {
  return fail(Code::Environment,
              fmt::format("3D pictures need OpenGL through EGL: {} (EGL error 0x{:04x})", step,
                          static_cast<unsigned>(eglGetError())),
              "", "install libegl1 and libgl1-mesa-dri, or draw with --view slices");
}

/// A display that needs no screen; the default display where Mesa's surfaceless platform is unknown.
EGLDisplay open_display() {
  const char* extensions = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
  const auto has = [&](const char* name) { return extensions != nullptr && std::strstr(extensions, name) != nullptr; };
  const auto platform_display =
      reinterpret_cast<PFNEGLGETPLATFORMDISPLAYEXTPROC>(eglGetProcAddress("eglGetPlatformDisplayEXT"));
  if (platform_display != nullptr && has("EGL_MESA_platform_surfaceless")) {
    EGLDisplay display = platform_display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
    if (display != EGL_NO_DISPLAY && eglInitialize(display, nullptr, nullptr) == EGL_TRUE) return display;
  }
  EGLDisplay display = eglGetDisplay(EGL_DEFAULT_DISPLAY);
  if (display != EGL_NO_DISPLAY && eglInitialize(display, nullptr, nullptr) == EGL_TRUE) return display;
  return EGL_NO_DISPLAY;
}

EGLDisplay take_display() {
  const std::lock_guard lock(display_mutex);
  if (display_users == 0) shared_display = open_display();
  if (shared_display != EGL_NO_DISPLAY) ++display_users;
  return shared_display;
}

}  // namespace

Offscreen::Offscreen(std::unique_ptr<Egl> egl) : egl_(std::move(egl)) {}
Offscreen::~Offscreen() = default;

Result<std::unique_ptr<Offscreen>> Offscreen::create() {
  auto egl = std::make_unique<Egl>();
  egl->display = take_display();
  if (egl->display == EGL_NO_DISPLAY) return no_gl("no display could be opened");
  if (eglBindAPI(EGL_OPENGL_API) != EGL_TRUE) return no_gl("there is no desktop OpenGL");
  constexpr EGLint kConfig[] = {EGL_SURFACE_TYPE,
                                EGL_PBUFFER_BIT,
                                EGL_RENDERABLE_TYPE,
                                EGL_OPENGL_BIT,
                                EGL_RED_SIZE,
                                8,
                                EGL_GREEN_SIZE,
                                8,
                                EGL_BLUE_SIZE,
                                8,
                                EGL_ALPHA_SIZE,
                                8,
                                EGL_DEPTH_SIZE,
                                24,
                                EGL_NONE};
  EGLConfig config = nullptr;
  EGLint found = 0;
  if (eglChooseConfig(egl->display, kConfig, &config, 1, &found) != EGL_TRUE || found < 1)
    return no_gl("there is no RGBA8 configuration with depth 24");
  constexpr EGLint kContext[] = {
      EGL_CONTEXT_MAJOR_VERSION,           3,       EGL_CONTEXT_MINOR_VERSION, 2, EGL_CONTEXT_OPENGL_PROFILE_MASK,
      EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT, EGL_NONE};
  egl->context = eglCreateContext(egl->display, config, EGL_NO_CONTEXT, kContext);
  if (egl->context == EGL_NO_CONTEXT) return no_gl("OpenGL 3.2 is not available");
  constexpr EGLint kSurface[] = {EGL_WIDTH, 16, EGL_HEIGHT, 16, EGL_NONE};  // VTK draws into buffers of its own
  egl->surface = eglCreatePbufferSurface(egl->display, config, kSurface);
  if (egl->surface == EGL_NO_SURFACE) return no_gl("no off-screen surface could be made");
  return std::unique_ptr<Offscreen>(new Offscreen(std::move(egl)));
}

Result<void> Offscreen::make_current() {
  if (eglMakeCurrent(egl_->display, egl_->surface, egl_->surface, egl_->context) != EGL_TRUE)
    return no_gl("the context cannot be made current");
  return {};
}

void Offscreen::release() {
  eglMakeCurrent(egl_->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
}

bool Offscreen::current() const {
  return eglGetCurrentContext() == egl_->context;
}

}  // namespace ipsi::render
