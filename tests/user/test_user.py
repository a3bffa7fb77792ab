"""usertests inside of cr3, on each count of CPUs: every test of it is a test here."""
import glob
import os
import re

import pytest
from machine import ROOT, Machine
