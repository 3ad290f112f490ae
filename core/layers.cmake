# SPDX-License-Identifier: GPL-3.0-or-later
# Who may use whom. Read by ipsi_add_library (a forbidden link fails to configure) and by tests/layering (a
# forbidden include fails). Uses are transitive. A line here is a decision: see docs/architecture.md.

set(LAYER_base "")
set(LAYER_table base)
set(LAYER_numeric base)
set(LAYER_study base table)
set(LAYER_spec base table)
set(LAYER_image base)
set(LAYER_brain base table image)
set(LAYER_ingest study image brain numeric)
set(LAYER_stats spec numeric image)
set(LAYER_voxelwise stats image)     # a model at every place of a stack of images
set(LAYER_render spec image brain)
set(LAYER_report spec render)
set(LAYER_demo study ingest)        # writes studies; must not see stats: what it plants is not what fits it
set(LAYER_engine study ingest stats)
set(LAYER_review ingest report)    # pictures of a study's people: knows the rows and how to draw

# The first word of third-party headers each library may include from its public headers is empty but for:
set(LAYER_THIRD_PARTY_PUBLIC fmt tl nlohmann Eigen)

set(LAYERS base table numeric study spec image brain ingest stats voxelwise render report demo engine review)

# The window. Panels include no core header: value types reach them through their view-model.
set(LAYER_ui_widgets base)
set(LAYER_ui_viewmodels engine report demo review)
set(LAYER_ui_plots spec ui_widgets)
set(LAYER_ui_viewer render ui_widgets)
set(LAYER_ui_panels ui_viewmodels ui_widgets ui_plots ui_viewer)
set(UI_LAYERS widgets viewmodels plots viewer panels)
