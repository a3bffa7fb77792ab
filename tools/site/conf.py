"""Sphinx's configuration of the site. build.py copies it beside the pages."""
# pylint: disable=invalid-name
project = "cr3"
author = "the authors of cr3"
extensions = ["myst_parser"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = "cr3"
html_copy_source = False
html_show_sphinx = False
html_static_path = ["site.css"]
html_css_files = ["site.css"]
# Sphinx's own colours of code are too pale for small text on grey (WCAG 1.4.3).
pygments_style = "bw"
pygments_dark_style = "github-dark"
nitpicky = True
highlight_language = "none"
