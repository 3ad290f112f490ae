# SPDX-License-Identifier: GPL-3.0-or-later
# Every third-party package, found once. Debian 12 names are in packaging/linux/.

find_program(IPSI_CCACHE ccache)
if(IPSI_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${IPSI_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${IPSI_CCACHE})
endif()

find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(CLI11 REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(NLopt REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(sqlite REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(deflate REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(xlsxwriter REQUIRED IMPORTED_TARGET xlsxwriter)
pkg_check_modules(pugixml REQUIRED IMPORTED_TARGET pugixml)
pkg_check_modules(minizip REQUIRED IMPORTED_TARGET minizip)
pkg_check_modules(pangocairo REQUIRED IMPORTED_TARGET pangocairo cairo-pdf cairo-svg cairo-png)
pkg_check_modules(egl REQUIRED IMPORTED_TARGET egl)

# VTK always with COMPONENTS: without them Debian's drags in Qt 5, Python and MPI.
find_package(VTK 9.1 REQUIRED COMPONENTS CommonCore CommonDataModel CommonTransforms FiltersCore FiltersGeneral
             FiltersModeling ImagingCore ImagingGeneral ImagingColor RenderingCore RenderingOpenGL2 RenderingUI
             InteractionStyle)

set(CMAKE_MESSAGE_LOG_LEVEL WARNING)  # ITK prints 45 lines that say nothing
find_package(ITK 5.2 REQUIRED COMPONENTS ITKCommon ITKIONIFTI ITKIONRRD ITKIOMeta ITKIOGDCM ITKImageGrid
             ITKSmoothing ITKDistanceMap ITKConnectedComponents ITKThresholding ITKImageStatistics)
unset(CMAKE_MESSAGE_LOG_LEVEL)

# The desktop is built where Qt is; core, the command line and their tests never need it.
find_package(Qt6 6.4 QUIET COMPONENTS Core Gui Widgets PrintSupport Svg Test)
find_package(QCustomPlotQt6 QUIET)
if(Qt6_FOUND)
  set(IPSI_DESKTOP ON)
else()
  set(IPSI_DESKTOP OFF)
  message(STATUS "Qt 6 is not here: ipsi-desktop is left out")
endif()
