"""Writes fixtures/*.json: what PyTorch says of schedules and clipping. Run by hand; tests of test/train only read the files.

    python3 test/parity/make-training-fixtures.py

Computed in float64. Factors are learning rates that began at 1.
"""
import json
import os
import warnings

import torch
from torch.optim import lr_scheduler as schedulers

warnings.simplefilter('ignore')
torch.set_default_dtype(torch.float64)
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures')


def write(name, content):
    with open(os.path.join(FOLDER, name + '.json'), 'w') as file:
        json.dump(content, file, separators=(',', ':'))
        file.write('\n')


def optimizer():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)


def factors(make, steps):
    """The rate of each step of a scheduler that moves on after every batch."""
    own = optimizer()
    scheduler = make(own)
    rates = []
    for _ in range(steps):
        rates.append(own.param_groups[0]['lr'])
        own.step()
        scheduler.step()
    return rates


def warmed(make, steps):
    """Together with a linear warm-up: the factors are multiplied."""
    def both(own):
        first = schedulers.LinearLR(own, start_factor=1 / steps, end_factor=1.0, total_iters=steps - 1)
        return schedulers.ChainedScheduler([first, make(own)])
    return both


EPOCHS, PER_EPOCH = 12, 5
STEPS = EPOCHS * PER_EPOCH

step = lambda own: schedulers.StepLR(own, step_size=4 * PER_EPOCH, gamma=0.3)
exponential = lambda own: schedulers.ExponentialLR(own, gamma=0.8 ** (1 / PER_EPOCH))
cosine = lambda own: schedulers.CosineAnnealingLR(own, T_max=STEPS, eta_min=0.05)
constant = lambda own: schedulers.ConstantLR(own, factor=1.0, total_iters=1)

cases = [
    ('step', {'every': 4, 'gamma': 0.3}, step),
    ('exponential', {'gamma': 0.8}, exponential),
    ('cosine', {'over': 0, 'final': 0.05}, cosine),
    ('step', {'every': 4, 'gamma': 0.3, 'warmup': 7}, warmed(step, 7)),
    ('exponential', {'gamma': 0.8, 'warmup': 20}, warmed(exponential, 20)),
    ('cosine', {'over': 0, 'final': 0.05, 'warmup': 2}, warmed(cosine, 2)),
    ('constant', {'warmup': 11}, warmed(constant, 11)),
]
by_step = [{'type': kind, 'params': params, 'factors': factors(make, STEPS)} for kind, params, make in cases]


def plateau(losses, gamma, patience, threshold, cooldown, least):
    own = optimizer()
    scheduler = schedulers.ReduceLROnPlateau(own, factor=gamma, patience=patience, threshold=threshold,
                                             cooldown=cooldown, min_lr=least, eps=0)
    rates = [1.0]
    for loss in losses:
        scheduler.step(loss)
        rates.append(own.param_groups[0]['lr'])
    return rates


generator = torch.Generator().manual_seed(7)
falling = [1 / (1 + 0.3 * i) for i in range(8)]
noisy = [1 + 0.2 * x for x in torch.randn(40, generator=generator).tolist()]
curves = {
    'flat': [1.0] * 25,
    'falls, then stands': falling + [falling[-1]] * 20,
    'noise': noisy,
    'falls in noise': [a / (1 + i / 10) for i, a in enumerate(noisy)],
    'hardly falls': [1 - 0.0005 * i for i in range(25)],
    'is no number for a while': falling + [float('nan')] * 6 + [0.2, 0.1, 0.1, 0.1, 0.1],
}
settings = [
    {'gamma': 0.1, 'patience': 10, 'threshold': 1e-4, 'cooldown': 0, 'least': 0},
    {'gamma': 0.5, 'patience': 2, 'threshold': 1e-2, 'cooldown': 3, 'least': 0.1},
    {'gamma': 0.5, 'patience': 0, 'threshold': 0, 'cooldown': 1, 'least': 0},
]
by_epoch = [{'name': name, 'losses': [None if x != x else x for x in losses], 'params': params,
             'factors': plateau(losses, **params)}
            for name, losses in curves.items() for params in settings]
write('schedules', {'epochs': EPOCHS, 'stepsPerEpoch': PER_EPOCH, 'bySteps': by_step, 'byEpochs': by_epoch})


def clipped(gradients, norm, value):
    weights = [torch.zeros(g.shape, requires_grad=True) for g in gradients]
    for weight, gradient in zip(weights, gradients):
        weight.grad = gradient.clone()
    if norm > 0:
        torch.nn.utils.clip_grad_norm_(weights, norm)
    if value > 0:
        torch.nn.utils.clip_grad_value_(weights, value)
    return [weight.grad for weight in weights]


def shaped(tensor):
    return {'shape': list(tensor.shape), 'data': tensor.reshape(-1).tolist()}


clips = []
for scale in (0.01, 1, 100):
    gradients = [scale * torch.randn(shape, generator=generator) for shape in [(3, 4), (4,), (2, 2, 1, 3), ()]]
    for norm, value in [(1, 0), (0, 0.5), (1, 0.2), (1e-3, 0), (0, 0), (50, 30)]:
        clips.append({'norm': norm, 'value': value, 'gradients': [shaped(g) for g in gradients],
                      'clipped': [shaped(g) for g in clipped(gradients, norm, value)]})
zeros = [torch.zeros(2, 2), torch.zeros(3)]
clips.append({'norm': 1, 'value': 1, 'gradients': [shaped(g) for g in zeros], 'clipped': [shaped(g) for g in clipped(zeros, 1, 1)]})
write('clipping', clips)
